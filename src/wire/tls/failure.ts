/**
 * Reasons why a TLS handshake fails, with their remedy. The runtime reports most problems of a
 * certificate as "unable to verify", so the certificate itself is judged.
 *
 * @module
 */
import { clockSays, formatTime } from "../../text/time.ts";
import { ConnectionFailed, messageOf } from "../error.ts";
import type { TlsOptions } from "../net/trusted_roots.ts";
import { isSelfSigned, type PresentedCertificate } from "./certificate.ts";

/** Kinds of failures. */
export type TlsProblem =
  /** A certificate is not valid yet, or not any more. */
  | "time"
  /** The certificate is for another name. */
  | "name"
  /** No trusted authority has signed the certificate. */
  | "untrusted"
  /** The peer does not speak TLS. */
  | "plain"
  /** The peer does not speak HTTP/2. */
  | "http2"
  | "other";

/** A TLS handshake that failed; the message is a clause about the peer, which is "it". */
export class TlsFailed extends ConnectionFailed {
  override name = "TlsFailed";

  constructor(readonly problem: TlsProblem, message: string, cause?: unknown) {
    super(message, { cause });
  }
}

/** What is known about a handshake that failed. */
export interface FailedHandshake {
  readonly error: unknown;
  /** The name or address that the certificate had to be for. */
  readonly name: string;
  readonly tls: TlsOptions;
  /** Empty where the peer presented none. */
  readonly chain: readonly PresentedCertificate[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Codes of OpenSSL and of the runtime that are about the certificate. */
const ABOUT_CERTIFICATE = /CERT|VERIFY|SELF_SIGNED|ALTNAME|UnknownIssuer|certificate/i;

/** Whether the certificate of the peer explains `error`. */
export function isAboutCertificate(error: unknown): boolean {
  return ABOUT_CERTIFICATE.test(textOf(error));
}

/** The reason of a failed handshake. */
export function tlsFailure(failed: FailedHandshake): TlsFailed {
  const { error } = failed;
  const found = isAboutCertificate(error) ? aboutCertificate(failed) : undefined;
  if (found) return found;
  const text = textOf(error);
  const [, problem, clause] = REASONS.find(([pattern]) => pattern.test(text)) ?? [];
  return new TlsFailed(
    problem ?? "other",
    clause ?? `the TLS handshake failed (${text})`,
    error,
  );
}

/** The peer has agreed to TLS, but not to HTTP/2. */
export const NO_HTTP2 =
  "it does not offer HTTP/2, so it is no gRPC server (no ALPN protocol h2); " +
  "check the port, and let an ingress or a load balancer in front of it pass TLS on as it is";

const REASONS: readonly (readonly [RegExp, TlsProblem, string])[] = [
  [
    /WRONG_VERSION_NUMBER|InvalidContentType|packet length too long/i,
    "plain",
    "it does not speak TLS; check the port, and that the server uses TLS there",
  ],
  [/NO_APPLICATION_PROTOCOL|NoApplicationProtocol/i, "http2", NO_HTTP2],
  [
    /PROTOCOL_VERSION|ProtocolVersion|UNSUPPORTED_PROTOCOL/i,
    "other",
    "it speaks only old versions of TLS, and 1.2 or 1.3 is needed; update or configure the server",
  ],
  [
    /HANDSHAKE_FAILURE|HandshakeFailure/i,
    "other",
    "it accepts no cipher or signature that is offered; update or configure the server, or give " +
    "it a certificate with an RSA key of 2048 bits or more, or with an ECDSA key (P-256)",
  ],
  [
    /CERTIFICATE_REQUIRED|CertificateRequired/i,
    "other",
    "it asks for a client certificate, which exporters do not have; turn that off in the server " +
    "or in the ingress in front of it",
  ],
  [
    /ECONNRESET|EPIPE|os error 104|closed the connection|closes the connection|UnexpectedEof/i,
    "other",
    "it closes the connection during the TLS handshake; check the port, that the server uses TLS " +
    "there, and what is between (a firewall, an ingress without a route for this name)",
  ],
];

function aboutCertificate(failed: FailedHandshake): TlsFailed | undefined {
  const { chain: [own], error } = failed;
  const text = textOf(error);
  const fail = (problem: TlsProblem, clause: string) => new TlsFailed(problem, clause, error);
  const time = timeProblem(failed);
  if (time) return fail("time", time);
  if (/ALTNAME|NotValidForName/i.test(text)) return fail("name", nameProblem(failed));
  if (!/SELF_SIGNED|self.signed|VERIFY|GET_ISSUER|UnknownIssuer|unknown ca/i.test(text)) {
    return /EXPIRED|NOT_YET_VALID|NotValidYet/i.test(text)
      ? fail("time", `its certificate has expired, or is not valid yet (${text})`)
      : undefined;
  }
  return fail("untrusted", trustProblem(failed, own));
}

/** The certificate that is out of its time: the server's own, or an authority's. */
function timeProblem({ chain, now }: FailedHandshake): string | undefined {
  const clock = clockSays(now);
  for (const [at, { subject, validFrom, validTo }] of chain.entries()) {
    const which = at === 0 ? "its certificate" : `the certificate of its authority ${subject}`;
    if (validFrom.getTime() > now) {
      return `${which} is not valid yet: it is valid from ${
        formatTime(validFrom)
      }, and ${clock}; ` +
        "set the clock or wait until it is synchronized (see timedatectl); " +
        "if the clock is right, issue the certificate anew";
    }
    if (validTo.getTime() < now) {
      return `${which} has expired: it was valid until ${formatTime(validTo)}, and ${clock}; ` +
        "renew the certificate, or set the clock if it is wrong (see timedatectl)";
    }
  }
  return undefined;
}

function nameProblem({ chain: [own], name, tls }: FailedHandshake): string {
  const found = own && own.names.length > 0
    ? `it is for ${own.names.join(", ")}`
    : "it contains no name (no subjectAltName)";
  const remedy = tls.setting === undefined
    ? "correct the endpoint, issue the certificate for this name, or set " +
      "'grpc.ssl_target_name_override' of grpcOptions"
    : "correct the address, or issue the certificate for this name";
  return `its certificate is for another name: ${found}, and not for ${name}; ${remedy}`;
}

function trustProblem({ tls }: FailedHandshake, own: PresentedCertificate | undefined): string {
  const { ca, setting = "tls.ca" } = tls;
  const trusted = ca === undefined ? "the system's certificates" : setting;
  const problem = `its certificate is not signed by ${trusted}`;
  if (!own) return `${problem}; let ${setting} contain the certificate of its authority`;
  if (isSelfSigned(own)) {
    return `${problem} (${own.subject} is self-signed); ` +
      `if this is the right server, let ${setting} contain this certificate`;
  }
  return `${problem} (${own.subject} is issued by ${own.issuer}); ` +
    `let ${setting} contain the certificate of that authority, and the server send all ` +
    "certificates between";
}

function textOf(error: unknown): string {
  const { code } = error as { readonly code?: unknown };
  const text = messageOf(error);
  return typeof code === "string" && !text.includes(code) ? `${text}, ${code}` : text;
}
