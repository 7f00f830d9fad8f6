/** `socket://`: the raw TCP port of a console server. @module */
import { connect, type Socket } from "node:net";
import { withDeadline } from "../../src/base/deadline.ts";
import { ConnectionFailed, messageOf, Timeout } from "../../src/driver/mod.ts";
import { SerialStream, type SerialStreamOptions } from "./serial_stream.ts";

/** Longest wait for a connection, in milliseconds. */
const CONNECT_MS = 10_000;

/** The other end of a TCP connection. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** The schemes that use a TCP connection. */
export type Scheme = "socket" | "rfc2217";

/**
 * Opens a connection for one client.
 *
 * @throws {ConnectionFailed} if the other end refuses or cannot be reached.
 * @throws {Timeout} if it does not answer within 10 s.
 */
export async function connectSocket(
  endpoint: Endpoint,
  options: SerialStreamOptions,
  signal: AbortSignal,
): Promise<SocketStream> {
  return new SocketStream(await openSocket(endpoint, "socket", signal), endpoint, options);
}

/** Opens the socket of a connection. @see connectSocket */
export async function openSocket(
  endpoint: Endpoint,
  scheme: Scheme,
  signal: AbortSignal,
): Promise<Socket> {
  signal.throwIfAborted();
  const { host, port } = endpoint;
  const name = nameOf(endpoint, scheme);
  const socket = connect({ host, port, allowHalfOpen: true, noDelay: true });
  try {
    await connected(socket, name, signal);
    return socket;
  } catch (error) {
    socket.on("error", () => {}).destroy();
    throw error;
  }
}

async function connected(socket: Socket, name: string, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const fail = (cause: Error) => reject(problem(name, cause));
  socket.once("connect", resolve);
  socket.once("error", fail);
  try {
    await withDeadline(promise, { ms: CONNECT_MS, signal, late: () => noAnswer(name) });
  } finally {
    socket.off("error", fail);
  }
}

/** An endpoint in the form of the config. */
export function nameOf({ host, port }: Endpoint, scheme: Scheme = "socket"): string {
  return `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function noAnswer(name: string): Timeout {
  return new Timeout(
    `Cannot connect to ${name}: expected an answer within ${CONNECT_MS / 1000} s, ` +
      "found none; check that the console server is up and that no firewall drops the packets",
  );
}

function problem(name: string, cause: Error): ConnectionFailed {
  return new ConnectionFailed(
    `Cannot connect to ${name}: expected a TCP server, found ${messageOf(cause)}; ` +
      "start the console server, or correct 'url' in the driver's config",
    { cause },
  );
}

/** The error for a connection that was lost. */
export function lost(name: string, reason: string): ConnectionFailed {
  return new ConnectionFailed(
    `Lost the connection to ${name}: ${reason}; connect again`,
  );
}

/** A TCP connection of one client. */
export class SocketStream extends SerialStream {
  readonly #socket: Socket;

  constructor(socket: Socket, endpoint: Endpoint, options: SerialStreamOptions) {
    super(options);
    this.#socket = socket;
    socket.on("data", (chunk: Uint8Array) => {
      if (!this.push(chunk)) socket.pause();
    });
    socket.once("end", () => this.lose(`${nameOf(endpoint)} closed the connection`));
    socket.once("error", (cause) => this.destroy(lost(nameOf(endpoint), messageOf(cause))));
  }

  override _read(): void {
    this.#socket.resume();
  }

  /** Ends the stream without an error, as closing a device does. */
  hangUp(): void {
    this.push(null);
    this.#socket.destroy();
  }

  protected override send(bytes: Uint8Array): Promise<void> {
    if (this.#socket.destroyed) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#socket.write(bytes, (error) => error ? reject(error) : resolve());
    });
  }

  override _final(callback: () => void): void {
    if (this.#socket.destroyed) return callback();
    this.#socket.end(() => callback());
  }

  protected override release(): void {
    this.#socket.destroy();
  }
}
