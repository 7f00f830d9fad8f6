/** `socket://`: the raw TCP port of a console server. @module */
import { connect, type Socket } from "node:net";
import { ConnectionFailed, messageOf, Timeout } from "../../src/driver/mod.ts";
import { Channel, type ChannelOptions } from "./channel.ts";

/** Longest wait for the other end to answer, in milliseconds. */
const CONNECT_MS = 10_000;

/** The other end of a TCP connection. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/**
 * Connects, for one client.
 *
 * @throws {ConnectionFailed} when the other end refuses or cannot be reached.
 * @throws {Timeout} when it does not answer within 10 s.
 */
export async function connectSocket(
  endpoint: Endpoint,
  options: ChannelOptions,
  signal: AbortSignal,
): Promise<SocketChannel> {
  signal.throwIfAborted();
  const socket = connect({ ...endpoint, allowHalfOpen: true, noDelay: true });
  try {
    await connected(socket, endpoint, signal);
    return new SocketChannel(socket, endpoint, options);
  } catch (error) {
    socket.on("error", () => {}).destroy();
    throw error;
  }
}

async function connected(socket: Socket, endpoint: Endpoint, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const abort = () => reject(signal.reason);
  const timer = setTimeout(() => reject(noAnswer(endpoint)), CONNECT_MS);
  signal.addEventListener("abort", abort, { once: true });
  socket.once("connect", resolve);
  socket.once("error", (cause) => reject(problem(endpoint, cause)));
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
  }
}

function nameOf({ host, port }: Endpoint): string {
  return `socket://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function noAnswer(endpoint: Endpoint): Timeout {
  return new Timeout(
    `Cannot connect to ${nameOf(endpoint)}: expected an answer within ${CONNECT_MS / 1000} s, ` +
      "found none; check that the console server is up and that no firewall drops the packets",
  );
}

function problem(endpoint: Endpoint, cause: Error): ConnectionFailed {
  return new ConnectionFailed(
    `Cannot connect to ${nameOf(endpoint)}: expected a TCP server, found ${messageOf(cause)}; ` +
      "start the console server, or correct 'url' in the driver's config",
    { cause },
  );
}

function lost(endpoint: Endpoint, cause: Error): ConnectionFailed {
  return new ConnectionFailed(
    `Cannot go on with ${nameOf(endpoint)}: expected the connection to stay open, found ` +
      `${messageOf(cause)}; connect again`,
    { cause },
  );
}

/** A TCP connection of one client. */
export class SocketChannel extends Channel {
  readonly #socket: Socket;

  constructor(socket: Socket, endpoint: Endpoint, options: ChannelOptions) {
    super(options);
    this.#socket = socket;
    socket.on("data", (chunk) => {
      if (!this.push(chunk)) socket.pause();
    });
    socket.once("end", () => this.push(null));
    socket.once("error", (cause) => this.destroy(lost(endpoint, cause)));
  }

  override _read(): void {
    this.#socket.resume();
  }

  /** Ends the stream in order, as a device that is closed does. */
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
