/**
 * Forwards: listens on this host, and passes each connection on to a byte stream of a driver.
 *
 * @module
 */
import type { Duplex } from "node:stream";
import { ConnStream } from "../base/conn_stream.ts";
import { messageOf } from "../wire/error.ts";
import { acceptAll } from "../wire/listen/accept.ts";
import { type Listening, listenTcp, listenUnix } from "./forward_listener.ts";

/** What a forward does with connections. */
export interface ForwardOptions {
  /** Opens a byte stream of the driver, for one connection. The signal ends it. */
  readonly open: (signal: AbortSignal) => Promise<Duplex>;
  /** Tells why the driver's end of a connection failed; other connections go on. */
  readonly warn: (line: string) => void;
}

/** A forward that is listening; disposing it closes its connections and removes its socket. */
export interface Forward extends AsyncDisposable {
  /** `127.0.0.1:2222`, `[::1]:2222`, or the path of a socket. */
  readonly address: string;
}

/**
 * How long a local program may take to close its connection after the driver's end is closed, in
 * milliseconds. Closing it at once could discard bytes that the program has not read yet.
 */
const GRACE_MS = 1_000;

/**
 * Listens on all addresses of `host`, on the same port; `address` has the first one, IPv4 before
 * IPv6.
 *
 * @param port 0 for any that is free
 * @throws {Error} naming the address that cannot be used, and why
 */
export async function forwardTcp(
  { host, port }: { readonly host: string; readonly port: number },
  options: ForwardOptions,
): Promise<Forward> {
  return forward(await listenTcp(host, port), options);
}

/**
 * Listens on a Unix socket for this user only. A socket on which nobody listens is replaced.
 *
 * @param path by default in a new folder below `$XDG_RUNTIME_DIR`
 * @throws {Error} naming the path that cannot be used, and why
 */
export async function forwardUnix(
  path: string | undefined,
  options: ForwardOptions,
): Promise<Forward> {
  return forward(await listenUnix(path), options);
}

function forward(listening: Listening, options: ForwardOptions): Forward {
  const abort = new AbortController();
  const connections = new Set<Promise<void>>();
  const enter = (conn: Deno.Conn) => {
    const over = connect(conn, options, abort.signal)
      .catch((error) => {
        if (!abort.signal.aborted) options.warn(`A connection ended: ${messageOf(error)}`);
      })
      .finally(() => connections.delete(over));
    connections.add(over);
  };
  const accepting = listening.listeners.map((listener) => acceptAll(listener, enter, options.warn));
  const scope = new AsyncDisposableStack();
  scope.defer(() => listening.release());
  scope.defer(async () => {
    for (const listener of listening.listeners) listener.close();
    abort.abort();
    await Promise.all([...accepting, ...connections]);
  });
  return { address: listening.address, [Symbol.asyncDispose]: () => scope.disposeAsync() };
}

/** Serves one connection to its end. @throws what the driver's end failed with */
async function connect(
  conn: Deno.Conn,
  { open }: ForwardOptions,
  signal: AbortSignal,
): Promise<void> {
  if (conn.localAddr.transport === "tcp") (conn as Deno.TcpConn).setNoDelay();
  const local = new ConnStream(conn as Deno.TcpConn);
  const abort = () => local.destroy();
  signal.addEventListener("abort", abort);
  try {
    signal.throwIfAborted();
    await relay(local, await open(signal));
  } finally {
    signal.removeEventListener("abort", abort);
    local.destroy();
  }
}

/**
 * Passes bytes and ends both ways until both sides are closed.
 *
 * @throws what `remote` failed with; an error of `local` only means that its program has left
 */
async function relay(local: Duplex, remote: Duplex): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  local.once("error", () => {});
  remote.once("error", () => local.destroy());
  local.once("close", () => {
    if (!remote.readableEnded || !remote.writableFinished) remote.destroy();
  });
  remote.once("close", () => {
    // What the program still sends is discarded, so that its end is noticed.
    local.unpipe(remote);
    local.resume().end();
    timer = setTimeout(() => local.destroy(), GRACE_MS);
  });
  local.pipe(remote);
  remote.pipe(local);
  await Promise.all([closed(local), closed(remote)]);
  clearTimeout(timer);
  if (remote.errored) throw remote.errored;
}

function closed(stream: Duplex): Promise<void> {
  if (stream.closed) return Promise.resolve();
  return new Promise((resolve) => stream.once("close", () => resolve()));
}
