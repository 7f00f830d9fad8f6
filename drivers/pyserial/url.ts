/** Parses `url` of the config, in the forms of pyserial that this driver supports. @module */

import { domainToASCII } from "node:url";
import type { Rfc2217Target } from "./rfc2217.ts";
import { parseSearch, type Search } from "./search_url.ts";
import type { Endpoint } from "./socket.ts";

/** The other end of the serial driver. */
export type Target =
  | { readonly kind: "tty"; readonly path: string }
  | { readonly kind: "loop" }
  | { readonly kind: "search"; readonly search: Search }
  | { readonly kind: "socket"; readonly host: string; readonly port: number }
  | { readonly kind: "rfc2217"; readonly target: Rfc2217Target };

/** Forms of pyserial that are not built in. */
const UNSUPPORTED = ["alt", "cp2110", "spy"];
const SUPPORTED = "a device path (/dev/…), hwgrep://pattern, socket://host:port, " +
  "rfc2217://host:port or loop://";
/** How long pyserial waits for an answer of an RFC 2217 server, in seconds. */
const RFC2217_TIMEOUT = 3;

/** The options of pyserial; logging and poll_modem have no effect here. */
const RFC2217_OPTIONS = ["timeout", "ign_set_control", "poll_modem", "logging"];

/** Parses a URL. @throws {Error} naming the expected forms. */
export function parseUrl(url: string): Target {
  const [, scheme] = /^(.*?):\/\//.exec(url) ?? [];
  if (scheme === undefined) return parsePath(url);
  const name = scheme.toLowerCase();
  if (name === "loop") return { kind: "loop" };
  if (name === "socket") return { kind: "socket", ...parseEndpoint(url, name) };
  if (name === "rfc2217") return { kind: "rfc2217", target: parseRfc2217(url) };
  if (name === "hwgrep") return { kind: "search", search: parseSearch(url) };
  const found = UNSUPPORTED.includes(name)
    ? `'${name}://', which this driver does not support; write 'python: true' beside 'type' to use ` +
      "the official one"
    : `the unknown protocol '${name}'`;
  throw new Error(`expected ${SUPPORTED}, found ${found}`);
}

function parsePath(path: string): Target {
  if (path === "" || path.includes("\0")) {
    throw new Error(`expected ${SUPPORTED}, found ${path ? "a NUL byte" : "nothing"}`);
  }
  return { kind: "tty", path };
}

function parseEndpoint(url: string, scheme: string): Endpoint {
  const parsed = URL.parse(url);
  const port = Number(parsed?.port);
  if (!parsed || !parsed.hostname || !port) {
    throw new Error(`expected ${scheme}://host:port with a port from 1 to 65535, found '${url}'`);
  }
  // The brackets of [::1] belong to the URL, not to the address.
  return { host: asciiHost(parsed.hostname, url).replace(/^\[(.*)\]$/, "$1"), port };
}

/** The name of a host in the letters of DNS, from URL.parse(), which percent-encodes others. */
function asciiHost(hostname: string, url: string): string {
  if (!hostname.includes("%")) return hostname;
  const name = decodeURIComponent(hostname);
  const host = /[\s%]/.test(name) ? "" : domainToASCII(name);
  if (host !== "") return host;
  throw new Error(`expected the name of a host, found '${name}' in '${url}'`);
}

function parseRfc2217(url: string): Rfc2217Target {
  const options = URL.parse(url)?.searchParams ?? new URLSearchParams();
  const timeout = Number(options.get("timeout") ?? RFC2217_TIMEOUT);
  if (!(timeout > 0 && timeout <= 60)) {
    throw new Error(`expected a timeout of up to 60 seconds, found '${options.get("timeout")}'`);
  }
  for (const name of options.keys()) {
    if (!RFC2217_OPTIONS.includes(name)) {
      throw new Error(`expected one of ${RFC2217_OPTIONS.join(", ")}, found '${name}'`);
    }
  }
  const ignoreSetControl = options.has("ign_set_control");
  return { ...parseEndpoint(url, "rfc2217"), timeout, ignoreSetControl };
}
