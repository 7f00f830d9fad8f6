/** The certificates that a TLS server presents, trusted or not. @module */
import type { Certificate, DetailedPeerCertificate, TLSSocket } from "node:tls";
import { printable } from "../../text/printable.ts";

/** A certificate of a server, or of an authority above it. */
export interface PresentedCertificate {
  /** `CN=…, O=…`; printable, like all texts here. */
  readonly subject: string;
  readonly issuer: string;
  /** Host names and addresses that it is for. */
  readonly names: readonly string[];
  readonly validFrom: Date;
  readonly validTo: Date;
}

/** Longest chain that is read; a cross-signed one could be endless. */
const MAX_CHAIN = 8;

/** Longest text of a certificate that is quoted, in characters, and most names. */
const MAX_TEXT = 100, MAX_NAMES = 5;

/** The certificates of the peer, its own first; none before the handshake has ended. */
export function presentedChain(socket: TLSSocket): PresentedCertificate[] {
  const chain: PresentedCertificate[] = [];
  let next: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  const seen = new Set<unknown>();
  while (next?.valid_from && chain.length < MAX_CHAIN && !seen.has(next.fingerprint256)) {
    seen.add(next.fingerprint256);
    chain.push(read(next));
    next = next.issuerCertificate;
  }
  return chain;
}

/** Whether a certificate is its own authority. */
export function isSelfSigned({ subject, issuer }: PresentedCertificate): boolean {
  return subject === issuer;
}

function read(certificate: DetailedPeerCertificate): PresentedCertificate {
  const names = [...(certificate.subjectaltname ?? "").matchAll(/(?:DNS|IP Address):([^,]+)/g)];
  return {
    subject: describe(certificate.subject),
    issuer: describe(certificate.issuer),
    names: names.slice(0, MAX_NAMES).map(([, name]) => quoted(name!)),
    validFrom: new Date(certificate.valid_from),
    validTo: new Date(certificate.valid_to),
  };
}

function describe(name: Certificate): string {
  const { CN, O, OU } = name;
  const parts = Object.entries({ CN, O, OU }).flatMap(([key, value]) =>
    value ? [`${key}=${String(value)}`] : []
  );
  return quoted(parts.join(", ") || "an empty name");
}

function quoted(text: string): string {
  return printable(text.slice(0, MAX_TEXT));
}
