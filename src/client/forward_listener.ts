/** The listening sockets of forwards. @module */
import { listenPrivately, removeStaleSocket } from "../files/socket.ts";
import { temporaryFolder } from "../files/temporary_folder.ts";
import { messageOf } from "../wire/error.ts";
import { formatEndpoint } from "../wire/net/endpoint.ts";

/** Sockets on which a forward listens. */
export interface Listening {
  readonly address: string;
  readonly listeners: readonly Deno.Listener[];
  /** To be called when the listeners are closed: removes the socket from the file system. */
  release(): Promise<void>;
}

/** How often another port is tried when the one that was free on one address is taken on another. */
const ATTEMPTS = 10;

/** @see forwardTcp */
export async function listenTcp(host: string, port: number): Promise<Listening> {
  const addresses = await resolve(host);
  for (let attempt = 1;; attempt++) {
    try {
      const listeners = listenOnAll(addresses, port);
      const { hostname, port: found } = listeners[0]!.addr;
      const address = formatEndpoint({ host: hostname, port: found });
      return { address, listeners, release: () => Promise.resolve() };
    } catch (error) {
      const again = port === 0 && error instanceof Deno.errors.AddrInUse && attempt < ATTEMPTS;
      if (!again) throw explained(formatEndpoint({ host, port }), error);
    }
  }
}

/** The addresses of a host, IPv4 first. */
async function resolve(host: string): Promise<string[]> {
  // Loaded only for forwards: it takes some milliseconds.
  const { lookup } = await import("node:dns/promises");
  try {
    const found = await lookup(host, { all: true });
    const sorted = found.toSorted((a, b) => a.family - b.family);
    // An empty name has no address, or null, which is no error of the resolver.
    const addresses = new Set(sorted.map(({ address }) => address).filter((address) => address));
    if (addresses.size > 0) return [...addresses];
  } catch (error) {
    const { code } = error as { code?: unknown };
    const reason = code === "ENOTFOUND" ? "no such host" : messageOf(error);
    throw new Error(`Cannot listen on ${host}: ${reason}`);
  }
  throw new Error(`Cannot listen on '${host}': no such host`);
}

/** Listens on the same port of each address; those that this host does not have are left out. */
function listenOnAll(addresses: readonly string[], port: number): Deno.TcpListener[] {
  const listeners: Deno.TcpListener[] = [];
  let problem: unknown;
  for (const hostname of addresses) {
    try {
      listeners.push(Deno.listen({ hostname, port: listeners[0]?.addr.port ?? port }));
    } catch (error) {
      problem = error;
      if (!(error instanceof Deno.errors.AddrNotAvailable)) {
        for (const listener of listeners) listener.close();
        throw error;
      }
    }
  }
  if (listeners.length === 0) throw problem;
  return listeners;
}

/** @see forwardUnix */
export async function listenUnix(path: string | undefined): Promise<Listening> {
  await using scope = new AsyncDisposableStack();
  const place = path ?? `${scope.use(temporaryFolder(SOCKETS)).path}/socket`;
  await removeStaleSocket(place);
  const listener = open(place);
  const own = await Deno.lstat(place);
  scope.defer(async () => {
    const found = await Deno.lstat(place).catch(() => undefined);
    if (found?.ino === own.ino && found.dev === own.dev) await Deno.remove(place);
  });
  const owned = scope.move();
  return { address: place, listeners: [listener], release: () => owned.disposeAsync() };
}

const SOCKETS = { holds: "sockets", prefix: "jumpstarter-" } as const;

function open(path: string): Deno.UnixListener {
  try {
    return listenPrivately(path);
  } catch (error) {
    throw explained(path, error);
  }
}

function explained(where: string, error: unknown): Error {
  return new Error(`Cannot listen on ${where}: ${reasonOf(error)}`);
}

function reasonOf(error: unknown): string {
  if (error instanceof Deno.errors.AddrInUse) return "another program listens there";
  if (error instanceof Deno.errors.AddrNotAvailable) return "this host does not have the address";
  return messageOf(error);
}
