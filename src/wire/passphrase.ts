/** The passphrase of direct mode, as calls carry it. @module */

/** The metadata key of the passphrase, which is plain text. */
export const PASSPHRASE_KEY = "x-jumpstarter-passphrase";

/**
 * Describes why a passphrase cannot be sent, without showing it: gRPC metadata is printable ASCII, and
 * a header of HTTP/2 neither begins nor ends with a blank (RFC 9113, 8.2.1).
 */
export function headerProblem(passphrase: string): string | undefined {
  if (/[\r\n]/.test(passphrase)) return "expected one line, found several";
  if (!/^[\x20-\x7e]*$/.test(passphrase)) {
    return "expected printable ASCII characters only, found others, which clients cannot send";
  }
  if (passphrase.trim() !== passphrase) {
    return "expected no blanks at its beginning and end: HTTP/2 does not allow them in a header";
  }
  return undefined;
}
