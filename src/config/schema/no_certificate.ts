/** Names what stands in the `tls.ca` of a config where no certificate is. @module */

/** What was found, and the remedy. */
export interface Found {
  readonly found: string;
  readonly remedy: string;
}

const ENCODE = "write the output of: base64 -w0 ca.crt";

const PRIVATE_KEY: Found = {
  found: "base64 of a private key, which only the server may know",
  remedy: `replace it by the certificate of the authority: ${ENCODE}`,
};

/** The text is not base64. */
export function notBase64(text: string): Found {
  const encode = (found: string) => ({ found, remedy: ENCODE });
  if (text.includes("-----BEGIN")) return encode("the PEM itself");
  const word = text.trim();
  if (/^(~|\.{0,2})\/[^\s=]+$|^[\w./-]+\.(crt|pem|cer|der)$/.test(word)) {
    const remedy = `write the output of: base64 -w0 ${word}`;
    return { found: `text that is not base64, but the path of a file`, remedy };
  }
  if (/^[a-z]+:[\\/]/i.test(word)) {
    return encode("an address or a path in place of the contents of the file");
  }
  if (/^(["']).*\1$/s.test(word)) return encode("quotes that are part of the text");
  if (/^[\w\s-]+={0,2}$/.test(word)) {
    return encode("text that is not base64: it has - or _, as base64 in URLs");
  }
  return encode("text that is not base64");
}

/** What is no certificate in PEM form, by its content. */
export function notPem(content: Uint8Array): Found {
  const text = new TextDecoder().decode(content);
  const encode = (found: string) => ({ found, remedy: ENCODE });
  if (text.trim() === "") return encode("base64 of an empty file");
  const [, label] = /-----BEGIN ([A-Z0-9 ]{1,40})-----/.exec(text) ?? [];
  if (label?.endsWith("PRIVATE KEY")) return PRIVATE_KEY;
  if (label === "CERTIFICATE") {
    return encode("base64 of one that is cut off: its END line is missing");
  }
  if (label !== undefined) return encode(`base64 of a PEM ${label}`);
  if (/^[A-Za-z0-9+/\s]+={0,2}\s*$/.test(text) && text.startsWith("LS0t")) {
    return { found: "base64 of base64: it was encoded twice", remedy: ENCODE };
  }
  return fromDer(content) ?? encode("base64 of other data");
}

/**
 * Names what a DER structure holds. A certificate is a SEQUENCE that begins with a SEQUENCE
 * (RFC 5280 §4.1); keys and PKCS #12 files begin with their version: 0 or 1 (RFC 5208 §5, RFC 8017
 * §A.1.2, RFC 5915 §3), or 3 (RFC 7292 §4).
 */
function fromDer(content: Uint8Array): Found | undefined {
  if (content[0] !== 0x30) return undefined;
  const [length = 0] = content.subarray(1);
  const [tag, size, version] = content.subarray(length > 0x80 ? 2 + length - 0x80 : 2);
  if (tag === 0x30) {
    const remedy = "write the output of: openssl x509 -inform der -in ca.crt | base64 -w0";
    return { found: "base64 of a certificate in DER form", remedy };
  }
  if (tag !== 0x02 || size !== 1) return undefined;
  if (version === 3) {
    const remedy = "write the output of: openssl pkcs12 -in ca.p12 -cacerts -nokeys | base64 -w0";
    return { found: "base64 of a PKCS #12 file", remedy };
  }
  return version! < 2 ? PRIVATE_KEY : undefined;
}
