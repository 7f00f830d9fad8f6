/** The certificates in the `tls.ca` of a config. @module */
import { placeholderProblem } from "../../text/placeholder.ts";
import { X509Certificate } from "node:crypto";

/** A PEM bundle, or why the text is none. */
export type ParsedCertificates = { readonly pem: string } | { readonly problem: string };

const BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/** Decodes a PEM bundle from base64 and checks that every certificate in it can be parsed. */
export function parseCertificates(text: string): ParsedCertificates {
  const advice = "write the output of: base64 -w0 ca.crt";
  const unfilled = placeholderProblem(text, "base64 of a PEM certificate");
  if (unfilled !== undefined) return { problem: unfilled };
  if (text.includes("-----BEGIN")) {
    return { problem: `expected base64 of a PEM certificate, found the PEM itself; ${advice}` };
  }
  const compact = text.replace(/\s+/g, "");
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(compact)) {
    return {
      problem: `expected base64 of a PEM certificate, found text that is not base64; ${advice}`,
    };
  }
  const pem = new TextDecoder().decode(Uint8Array.from(decode(compact)));
  const blocks = pem.match(BLOCK) ?? [];
  if (blocks.length === 0) {
    return {
      problem: `expected base64 of a PEM certificate, found base64 of other data; ${advice}`,
    };
  }
  const bad = blocks.findIndex((block) => !isCertificate(block));
  if (bad < 0) return { pem };
  const which = blocks.length === 1 ? "one that" : `${blocks.length}, of which number ${bad + 1}`;
  return { problem: `expected PEM certificates, found ${which} cannot be parsed; ${advice}` };
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
