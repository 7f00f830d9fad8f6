/** A WebSocket client as a stream: one chunk is one message. @module */
import { Duplex } from "node:stream";
// @ts-types="@types/ws"
import { type RawData, WebSocket } from "ws";
import { ConnectionFailed } from "../../src/driver/mod.ts";
import { cut } from "../../src/text/cut.ts";
import { lostConnection } from "./connection_error.ts";

/** Messages that are buffered for the client before the socket is paused. */
const BUFFERED_MESSAGES = 16;
/** How long the peer may take to answer our close, in milliseconds. */
const CLOSE_MS = 1_000;
/** RFC 6455 §7.4.1. */
const NORMAL_CLOSURE = 1000;
/** Codes of a regular end: normal closure, going away, and a close frame without a code. */
const REGULAR: readonly number[] = [NORMAL_CLOSURE, 1001, 1005];
/** The code that stands for a connection that was closed without a close frame. */
const ABNORMAL = 1006;

/**
 * Receives text and binary messages, and sends binary ones. WebSockets have no half-close: the end
 * of the writes is not sent to the peer; the peer's close ends the reads.
 */
export class WebSocketStream extends Duplex {
  readonly #socket: WebSocket;
  readonly #where: string;

  /** @param where the endpoint, for errors */
  constructor(socket: WebSocket, where: string) {
    super({ objectMode: true, highWaterMark: BUFFERED_MESSAGES });
    this.#socket = socket;
    this.#where = where;
    socket.binaryType = "nodebuffer";
    socket.on("message", (data) => this.#receive(data));
    socket.on("close", (code, reason) => this.#end(code, reason.toString()));
    socket.on("error", (error) => this.destroy(lostConnection(where, error)));
  }

  #receive(data: RawData): void {
    if (this.destroyed) return;
    if (!this.push(data)) this.#socket.pause();
  }

  #end(code: number, reason: string): void {
    this.push(null);
    if (this.destroyed || REGULAR.includes(code)) return;
    const how = code === ABNORMAL
      ? "the other end closed it without a close frame, as servers do that crash or restart"
      : `the other end closed it with code ${code}${reason && `: ${cut(reason, 200)}`}`;
    const message = `Lost the connection to ${this.#where}: ${how}; connect again`;
    // What was received before is still to be read.
    this.once("end", () => this.destroy(new ConnectionFailed(message)));
  }

  override _read(): void {
    this.#socket.resume();
  }

  /** Calls back when the kernel has accepted the message, which is the backpressure. */
  override _write(
    chunk: Uint8Array,
    _encoding: unknown,
    done: (error?: Error | null) => void,
  ): void {
    this.#socket.send(
      chunk,
      { binary: true },
      (error) => done(error && lostConnection(this.#where, error)),
    );
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (this.#socket.readyState === WebSocket.CLOSED) return done(error);
    const timer = setTimeout(() => this.#socket.terminate(), CLOSE_MS);
    this.#socket.once("close", () => {
      clearTimeout(timer);
      done(error);
    });
    // The peer's close frame comes after all unread messages.
    this.#socket.resume();
    this.#socket.close(NORMAL_CLOSURE);
  }
}
