/** Endpoints as configs and controllers write them: `host:port`, no scheme. @module */

import { domainToASCII } from "node:url";

/** Where a gRPC server is. */
export interface Endpoint {
  /** Name or IP literal, without brackets. */
  readonly host: string;
  readonly port: number;
}

/** gRPC over TLS without a port is HTTPS. */
const DEFAULT_PORT = 443;

/**
 * Reads `host`, `host:port`, `[::1]:port` or a bare IPv6 literal.
 *
 * @throws {RangeError} naming what is wrong with the text.
 */
export function parseEndpoint(text: string): Endpoint {
  const fail = (reason: string): never => {
    throw new RangeError(`Cannot use endpoint '${text}': ${reason}; write host:port`);
  };
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) fail("it has a scheme");
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:[\]\s/]+))(?::(\d+))?$/.exec(text) ?? [];
  const bare = /^[0-9a-f:.]+$/i.test(text) && text.split(":").length > 2 ? text : undefined;
  const name = bracketed ?? plain ?? bare ?? fail("it is not host:port");
  // Names in other scripts have a form in the letters of DNS (RFC 5891).
  const host = /^[!-~]+$/.test(name)
    ? name
    : domainToASCII(name) || fail("it is no name of a host");
  const number = port === undefined ? DEFAULT_PORT : Number(port);
  if (number < 1 || number > 65535) fail(`the port must be 1 to 65535, found ${port}`);
  return { host, port: number };
}

/** `host:port`, IPv6 in brackets. */
export function formatEndpoint({ host, port }: Endpoint): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
