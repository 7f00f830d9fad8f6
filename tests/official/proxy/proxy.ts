/** tinyproxy, Debian's small HTTP proxy. @module */
import { ChildProcess } from "../process.ts";
import { freePort } from "../storage.ts";

/** A running proxy; disposing it ends it. */
export interface Tinyproxy extends AsyncDisposable {
  readonly port: number;
  /** How often it was asked to connect to `authority`. */
  connects(authority: string): number;
}

/** How the proxy behaves. */
export interface TinyproxyOptions {
  /** Names that it alone resolves, to 127.0.0.1. */
  readonly knows?: readonly string[];
  /** Asks for them. @default it asks nobody */
  readonly credentials?: { readonly user: string; readonly password: string };
}

/**
 * Starts tinyproxy in the foreground, on a port of its own, with files in `dir`. Its names are in an
 * /etc/hosts of its own mount namespace.
 */
export async function startTinyproxy(
  dir: string,
  { knows = [], credentials }: TinyproxyOptions = {},
): Promise<Tinyproxy> {
  const port = freePort();
  const lines = [
    `Port ${port}`,
    "Listen 127.0.0.1",
    "Timeout 600",
    "LogLevel Info",
    ...(credentials ? [`BasicAuth ${credentials.user} ${credentials.password}`] : []),
  ];
  await Deno.writeTextFile(`${dir}/tinyproxy.conf`, lines.join("\n") + "\n");
  const hosts = ["127.0.0.1 localhost", ...knows.map((name) => `127.0.0.1 ${name}`)];
  await Deno.writeTextFile(`${dir}/hosts`, hosts.join("\n") + "\n");
  const script = 'mount --bind "$0/hosts" /etc/hosts && exec tinyproxy -d -c "$0/tinyproxy.conf"';
  const child = new ChildProcess(["unshare", "--mount", "sh", "-c", script, dir]);
  try {
    await child.saying(/Accepting connections/i);
  } catch (error) {
    await child[Symbol.asyncDispose]();
    throw error;
  }
  return {
    port,
    connects: (authority) => child.log.split(`CONNECT ${authority} `).length - 1,
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}
