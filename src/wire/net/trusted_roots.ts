/** Whose certificates are trusted. @module */

/** The `tls:` block of a config. There is no plaintext in controller mode. */
export interface TlsOptions {
  /** PEM certificates that are trusted instead of the system's. */
  readonly ca?: string;
  /** Encrypt, but trust any certificate. */
  readonly insecure: boolean;
  /** The name that the certificate is for, where it is not that of the endpoint. */
  readonly serverName?: string;
  /** What sets `ca`, for messages. @default "tls.ca" */
  readonly setting?: string;
}

/** Where distributions keep the certificates that they trust. */
const SYSTEM_BUNDLES = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/cert.pem",
];

/** Largest bundle in bytes; those of distributions have some 250,000. */
const MAX_BUNDLE = 16 * 1024 * 1024;

/** The PEM to trust for `tls`, or undefined for the runtime's own list. */
export function trustedRoots(tls: TlsOptions): string | undefined {
  if (tls.ca) return tls.ca;
  const named = Deno.env.get("SSL_CERT_FILE");
  for (const path of named ? [named] : SYSTEM_BUNDLES) {
    try {
      const { isFile, size } = Deno.statSync(path);
      if (isFile && size <= MAX_BUNDLE) return Deno.readTextFileSync(path);
    } catch {
      // The next distribution keeps them elsewhere.
    }
  }
  return undefined;
}
