/** The `tls.ca` of a config. @module */
import { X509Certificate } from "node:crypto";

/** A PEM bundle, or what is wrong with it. */
export type ParsedCertificates = { readonly pem: string } | { readonly problem: string };

const BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/** Decodes base64 of a PEM bundle and looks at every certificate in it. */
export function parseCertificates(text: string): ParsedCertificates {
  const advice = "write what this prints: base64 -w0 ca.crt";
  if (text.includes("-----BEGIN")) {
    return { problem: `expected base64 of a PEM certificate, found the PEM itself; ${advice}` };
  }
  const compact = text.replace(/\s+/g, "");
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(compact)) {
    return { problem: `expected base64 of a PEM certificate, found no base64; ${advice}` };
  }
  const pem = new TextDecoder().decode(Uint8Array.from(decode(compact)));
  const blocks = pem.match(BLOCK) ?? [];
  if (blocks.length === 0) {
    return {
      problem: `expected base64 of a PEM certificate, found base64 of something else; ${advice}`,
    };
  }
  const bad = blocks.findIndex((block) => !isCertificate(block));
  if (bad < 0) return { pem };
  const which = blocks.length === 1 ? "one" : `${blocks.length}, of which number ${bad + 1} is one`;
  return { problem: `expected PEM certificates, found ${which} that cannot be read; ${advice}` };
}

function decode(base64: string): Iterable<number> {
  return Array.from(atob(padded(base64)), (character) => character.charCodeAt(0));
}

function padded(base64: string): string {
  const bare = base64.replace(/=+$/, "");
  // A remainder of one character carries no byte, so it cannot be decoded.
  return bare.length % 4 === 1 ? bare.slice(0, -1) : bare;
}

function isCertificate(pem: string): boolean {
  try {
    return Boolean(new X509Certificate(pem));
  } catch {
    return false;
  }
}
