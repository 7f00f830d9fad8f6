/** The certificates in the `tls.ca` of a config. @module */
import { placeholderProblem } from "../../text/placeholder.ts";
import { X509Certificate } from "node:crypto";
import { clockSays, formatTime } from "../../text/time.ts";
import { type Found, notBase64, notPem } from "./no_certificate.ts";

/** A PEM bundle, or why the text is none. */
export type ParsedCertificates = { readonly pem: string } | { readonly problem: string };

const BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/** Decodes a PEM bundle from base64 and checks that every certificate in it can be parsed. */
export function parseCertificates(text: string): ParsedCertificates {
  const unfilled = placeholderProblem(text, "base64 of a PEM certificate");
  if (unfilled !== undefined) return { problem: unfilled };
  const compact = text.replace(/\s+/g, "");
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(compact) || isPath(text)) return problem(notBase64(text));
  const content = Uint8Array.from(decode(compact));
  const pem = new TextDecoder().decode(content);
  const blocks = pem.match(BLOCK) ?? [];
  if (blocks.length === 0) return problem(notPem(content));
  const bad = blocks.findIndex((block) => !isCertificate(block));
  if (bad < 0) return { pem };
  const which = blocks.length === 1 ? "one that" : `${blocks.length}, of which number ${bad + 1}`;
  return {
    problem: `expected PEM certificates, found ${which} cannot be parsed; ` +
      "write the output of: base64 -w0 ca.crt",
  };
}

function problem({ found, remedy }: Found): ParsedCertificates {
  return { problem: `expected base64 of a PEM certificate, found ${found}; ${remedy}` };
}

/** `/etc/ssl/ca` is base64, too, but no PEM in base64 begins so. */
function isPath(text: string): boolean {
  return text.trim().startsWith("/");
}

/** Why a bundle that can be parsed is not a good one, by the clock of this host; else undefined. */
export function bundleProblem(pem: string, now: number = Date.now()): string | undefined {
  for (const block of pem.match(BLOCK) ?? []) {
    const problem = periodProblem(new X509Certificate(block), now);
    if (problem) return problem;
  }
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem)) return undefined;
  return "expected only certificates, found a private key beside them, which only its owner may " +
    "know; remove it, and replace the key wherever others could read it";
}

function periodProblem(certificate: X509Certificate, now: number): string | undefined {
  const { subject, validFrom, validTo } = certificate;
  const [from, to] = [Date.parse(validFrom), Date.parse(validTo)];
  if (from <= now && now <= to) return undefined;
  const found = to < now
    ? `one that expired at ${formatTime(to)}`
    : `one that is valid from ${formatTime(from)}`;
  const remedy = to < now
    ? "write the present certificate of the authority"
    : "set the clock or wait until it is synchronized (see timedatectl)";
  return `expected a certificate that is valid, found ${found} ` +
    `(${subject.replaceAll("\n", ", ")}), and ${clockSays(now)}; ${remedy}`;
}

function decode(base64: string): Iterable<number> {
  return Array.from(atob(padded(base64)), (character) => character.charCodeAt(0));
}

function padded(base64: string): string {
  const bare = base64.replace(/=+$/, "");
  // A single remaining character encodes no whole byte, and atob() refuses it.
  return bare.length % 4 === 1 ? bare.slice(0, -1) : bare;
}

function isCertificate(pem: string): boolean {
  try {
    return Boolean(new X509Certificate(pem));
  } catch {
    return false;
  }
}
