/** Names what stands in the `tls.ca` of a config where no certificate is. @module */

/** What was found, and the remedy. */
export interface Found {
  readonly found: string;
  readonly remedy: string;
}

const ENCODE = "write the output of: base64 -w0 ca.crt";

/** The text is not base64. */
export function notBase64(text: string): Found {
  const encode = (found: string) => ({ found, remedy: ENCODE });
  if (text.includes("-----BEGIN")) return encode("the PEM itself");
  const word = text.trim();
  if (/^(~|\.{0,2})\/[^\s=]+$|^[\w./-]+\.(crt|pem|cer|der)$/.test(word)) {
    const remedy = `write the output of: base64 -w0 ${word}`;
    return { found: `text that is not base64, but the path of a file`, remedy };
  }
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
  if (label?.endsWith("PRIVATE KEY")) {
    return {
      found: "base64 of a private key, which only the server may know",
      remedy: `replace it by the certificate of the authority: ${ENCODE}`,
    };
  }
  if (label === "CERTIFICATE") {
    return encode("base64 of one that is cut off: its END line is missing");
  }
  if (label !== undefined) return encode(`base64 of a PEM ${label}`);
  if (/^[A-Za-z0-9+/\s]+={0,2}\s*$/.test(text) && text.startsWith("LS0t")) {
    return { found: "base64 of base64: it was encoded twice", remedy: ENCODE };
  }
  // DER: a SEQUENCE with a length of two bytes, and in it another one.
  if (content[0] === 0x30 && content[1] === 0x82) {
    const remedy = "write the output of: openssl x509 -inform der -in ca.crt | base64 -w0";
    return { found: "base64 of a certificate or key in DER form", remedy };
  }
  return encode("base64 of other data");
}
