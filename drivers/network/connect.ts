/**
 * Opens sockets, with a time limit, cancellation, and errors that name the endpoint and the cause.
 *
 * @module
 */
import { connect, type TcpNetConnectOpts } from "node:net";
import type { Duplex } from "node:stream";
import { fulfilledWithin, withDeadline } from "../../src/base/deadline.ts";
import { type Scope, Timeout } from "../../src/driver/mod.ts";
import { ConnStream } from "../../src/base/conn_stream.ts";
import { connectionError, lostConnection } from "./connection_error.ts";

/** Longest wait for a connection, in milliseconds. */
const CONNECT_MS = 10_000;
/** Longest wait for the closing of one stream when the lease ends, in milliseconds. */
const CLOSE_MS = 2_000;

/** The name of the endpoint in errors, and the signal that cancels the attempt. */
export interface Attempt {
  /** The endpoint in readable form: `tcp 10.0.0.7:22`, `unix /run/qmp.sock`. */
  readonly where: string;
  readonly signal: AbortSignal;
}

/** Where a stream socket listens: a host and port, or a path. */
export type SocketAddress = TcpNetConnectOpts | { readonly path: string };

/**
 * Connects a TCP or Unix socket, whose two directions end independently.
 *
 * @throws {ConnectionFailed} if the other end refuses, cannot be reached or has no address.
 * @throws {Timeout} after 10 s.
 */
export async function connectSocket(address: SocketAddress, attempt: Attempt): Promise<Duplex> {
  attempt.signal.throwIfAborted();
  return "path" in address
    ? await connectUnix(address.path, attempt)
    : await connectTcp(address, attempt);
}

async function connectTcp(options: TcpNetConnectOpts, attempt: Attempt): Promise<Duplex> {
  const socket = connect({ ...options, allowHalfOpen: true, noDelay: true });
  guard(socket);
  try {
    await settle(attempt, (resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    return nameLosses(socket, attempt.where);
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/**
 * Uses Deno's own socket: Deno 2.9 closes the descriptor of a node:net Unix socket twice, and by
 * the second time it may be that of another file.
 */
async function connectUnix(path: string, attempt: Attempt): Promise<Duplex> {
  const connecting = Deno.connect({ transport: "unix", path });
  try {
    await settle(attempt, (resolve, reject) => void connecting.then(() => resolve(), reject));
  } catch (error) {
    // A busy server may accept the connection only after the time limit.
    connecting.then((late) => late.close(), () => {});
    throw error;
  }
  const stream = new ConnStream(await connecting);
  guard(stream);
  return nameLosses(stream, attempt.where);
}

/** Waits until `start` resolves, but no longer than 10 s or until the attempt is aborted. */
export async function settle(
  { where, signal }: Attempt,
  start: (resolve: () => void, reject: (error: unknown) => void) => void,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  start(resolve, (error) => reject(connectionError(where, error)));
  await withDeadline(promise, { ms: CONNECT_MS, signal, late: () => noAnswer(where) });
}

/** Names `where` in the errors of an open stream, whose causes name the system call only. */
export function nameLosses<S extends Duplex>(stream: S, where: string): S {
  const destroy = stream.destroy;
  // What Node destroys by itself passes here, too.
  stream.destroy = (error) => destroy.call(stream, error && lostConnection(where, error));
  return stream;
}

/** An error before the session listens must not end the process; the session still receives it. */
export function guard(stream: Duplex): void {
  stream.on("error", () => {});
}

function noAnswer(where: string): Timeout {
  return new Timeout(
    `Cannot connect to ${where}: expected an answer within ${CONNECT_MS / 1000} s, found none; ` +
      "check that the other end is up and that no firewall drops the packets",
  );
}

/** Returns a function that adds streams to those that are closed at the end of the lease. */
export function streamKeeper(scope: Scope): <T extends Duplex>(stream: T) => T {
  const open = new Set<Duplex>();
  scope.defer(async () => {
    await Promise.all([...open].map(close));
  });
  return (stream) => {
    open.add(stream);
    stream.once("close", () => open.delete(stream));
    if (scope.disposed) stream.destroy();
    return stream;
  };
}

async function close(stream: Duplex): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  stream.once("close", resolve);
  stream.destroy();
  await fulfilledWithin(CLOSE_MS, promise);
}
