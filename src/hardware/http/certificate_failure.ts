/** Certificates of HTTPS servers that are not accepted. @module */
import { isAboutCertificate } from "../../wire/tls/failure.ts";
import { explainTls } from "../../wire/tls/handshake.ts";
import { parseAddress } from "./address.ts";
import { proxyFor } from "./proxy.ts";

/** An exchange, as far as its certificate is concerned. */
export interface SecureExchange {
  readonly url: string;
  readonly signal: AbortSignal;
  /** PEM certificates that are trusted instead of the host's. */
  readonly ca?: string | undefined;
  /** Whether a proxy of the environment is used. */
  readonly proxies?: boolean | "optional" | undefined;
}

/** The certificate's fault and the remedy, if that is why an exchange failed; else the error itself. */
export async function certificateFailure(
  exchange: SecureExchange,
  error: unknown,
): Promise<unknown> {
  if (!isAboutCertificate(error)) return error;
  const { url, ca, proxies, signal } = exchange;
  const address = parseAddress(url);
  const { host, port, secure } = address;
  if (!secure) return error;
  // Nothing goes past a proxy, not even a look at the certificate.
  const isProxied = proxies && proxyFor(address);
  const open = isProxied ? () => Promise.reject(error) : undefined;
  const setting = "the certificates that this host trusts";
  const tls = { insecure: false, setting, ...(ca !== undefined && { ca }) };
  return await explainTls(error, { host, port, tls, alpn: ["http/1.1"], open }, signal);
}
