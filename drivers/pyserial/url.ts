/** What a `url` of the config names: the forms of pyserial that this driver knows. @module */

/** Where the bytes go. */
export type Target =
  | { readonly kind: "tty"; readonly path: string }
  | { readonly kind: "loop" }
  | { readonly kind: "socket"; readonly host: string; readonly port: number };

/** Forms of pyserial that are not built in. */
const UNSUPPORTED = ["alt", "cp2110", "hwgrep", "rfc2217", "spy"];
const SUPPORTED = "a device path (/dev/…), socket://host:port or loop://";

/** @throws {Error} that says what is expected of a url. */
export function parseUrl(url: string): Target {
  const [, scheme] = /^(.*?):\/\//.exec(url) ?? [];
  if (scheme === undefined) return parsePath(url);
  const name = scheme.toLowerCase();
  if (name === "loop") return { kind: "loop" };
  if (name === "socket") return parseSocket(url);
  const found = UNSUPPORTED.includes(name)
    ? `'${name}://', which this exporter does not support`
    : `the unknown protocol '${name}'`;
  throw new Error(`expected ${SUPPORTED}, found ${found}`);
}

function parsePath(path: string): Target {
  if (path === "" || path.includes("\0")) {
    throw new Error(`expected ${SUPPORTED}, found ${path ? "a NUL byte" : "nothing"}`);
  }
  return { kind: "tty", path };
}

function parseSocket(url: string): Target {
  const parsed = URL.parse(url);
  const port = Number(parsed?.port);
  if (!parsed || !parsed.hostname || !port) {
    throw new Error(`expected socket://host:port with a port from 1 to 65535, found '${url}'`);
  }
  // Brackets are the URL's, not the address's: [::1].
  return { kind: "socket", host: parsed.hostname.replace(/^\[(.*)\]$/, "$1"), port };
}
