/** An attacker's HTTP/2: it obeys flow control, and nothing else by itself. @module */
import { Flag, Setting, Type } from "../../src/wire/http2/codes.ts";
import { HeaderDecoder } from "../../src/wire/http2/header_decoder.ts";
import { announce, frame, headerBlock, join, message, settings } from "./bytes.ts";
import type { Wire } from "./wire.ts";

const PREFACE = new TextEncoder().encode("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

/** The path of a method of the exporter's service. */
export const SERVICE = "/jumpstarter.v1.ExporterService/";

/** A stream and its answer. */
export interface Answer {
  /** `grpc-status`, or like `http 405` if the answer is not gRPC. */
  status?: string;
  text?: string;
  /** The error code of a reset. */
  reset?: number;
}

/** Header fields added to those of a valid call. */
export type Extra = readonly (readonly [string, string])[];

/** One connection of an attacker. */
export class Peer implements Disposable {
  readonly #wire: Wire;
  readonly #decoder = new HeaderDecoder(1 << 20);
  readonly #sent = new Map<number, number>();
  readonly #credit = new Map<number, number>();
  #connection = 65_535;
  #initial = 65_535;
  #wakers = new Set<() => void>();
  /** Number of received frames by type. */
  readonly frames = new Map<number, number>();
  readonly answers = new Map<number, Answer>();
  /** The text of a GOAWAY with an error. */
  goaway: string | undefined;
  closed = false;
  #next = 1;
  /** The header block in progress, and whether its stream ends with it. */
  #block: Uint8Array = new Uint8Array();
  #endsStream = false;

  constructor(wire: Wire) {
    this.#wire = wire;
    this.#read().catch(() => {}).finally(() => {
      this.closed = true;
      this.#wake();
    });
  }

  /** Sends the connection preface. */
  greet(): Promise<void> {
    return this.send(PREFACE, settings([]));
  }

  /** The identifier of the next stream. */
  next(): number {
    const id = this.#next;
    this.#next += 2;
    return id;
  }

  /** Sends complete frames. */
  async send(...frames: readonly Uint8Array[]): Promise<void> {
    await this.#wire.write(frames.length === 1 ? frames[0]! : join(...frames));
  }

  /** The headers of a call. */
  call(
    id: number,
    method: string,
    extra: Extra = [],
    flags: number = Flag.END_HEADERS,
  ): Uint8Array {
    const path = method.startsWith("/") ? method : SERVICE + method;
    const block = headerBlock([
      [":method", "POST"],
      [":scheme", "http"],
      [":path", path],
      [":authority", "exporter"],
      ["content-type", "application/grpc"],
      ["te", "trailers"],
      ...extra,
    ]);
    const first = block.subarray(0, 16_384);
    if (first.length === block.length) return frame(Type.HEADERS, flags, id, block);
    const frames = [frame(Type.HEADERS, flags & ~Flag.END_HEADERS, id, first)];
    for (let at = 16_384; at < block.length; at += 16_384) {
      const last = at + 16_384 >= block.length;
      const part = block.subarray(at, at + 16_384);
      frames.push(frame(Type.CONTINUATION, last ? Flag.END_HEADERS : 0, id, part));
    }
    return join(...frames);
  }

  /** Sends `bytes` as the exporter's windows allow. @returns how many were sent */
  async data(id: number, bytes: Uint8Array, end: boolean, withinMs = 20_000): Promise<number> {
    const deadline = Date.now() + withinMs;
    for (let at = 0; at < bytes.length;) {
      const room = Math.min(this.#room(id), 16_384, bytes.length - at);
      if (this.closed || this.answers.get(id)?.reset !== undefined) return at;
      if (room <= 0) {
        if (Date.now() > deadline || !await this.#news(deadline - Date.now())) return at;
        continue;
      }
      const last = at + room === bytes.length;
      const payload = bytes.subarray(at, at + room);
      this.#spend(id, room);
      await this.send(frame(Type.DATA, last && end ? Flag.END_STREAM : 0, id, payload));
      at += room;
    }
    return bytes.length;
  }

  /** Calls `method` with a message. @returns the stream, before its answer */
  async start(method: string, body: Uint8Array, extra: Extra = []): Promise<number> {
    const id = this.next();
    await this.send(this.call(id, method, extra));
    await this.data(id, message(body), true);
    return id;
  }

  /** Begins a call whose message of `length` bytes is never completed. */
  async announce(method: string, length: number, extra: Extra = []): Promise<number> {
    const id = this.next();
    this.#spend(id, 5);
    await this.send(this.call(id, method, extra), frame(Type.DATA, 0, id, announce(length)));
    return id;
  }

  /** The answer to a stream. @throws {Error} if none came in time */
  async answer(id: number, withinMs = 30_000): Promise<Answer> {
    const over = () => this.answers.get(id);
    await this.until(() => over() !== undefined || this.closed, withinMs);
    const found = over();
    if (found) return found;
    throw new Error(this.closed ? `cut off: ${this.goaway ?? "no word"}` : "no answer in time");
  }

  /** Waits until `condition` holds. @returns whether it does */
  async until(condition: () => boolean, withinMs: number): Promise<boolean> {
    const deadline = Date.now() + withinMs;
    while (!condition()) {
      if (Date.now() >= deadline || !await this.#news(deadline - Date.now())) return condition();
    }
    return true;
  }

  [Symbol.dispose](): void {
    this.#wire.close();
  }

  #room(id: number): number {
    const stream = this.#initial + (this.#credit.get(id) ?? 0) - (this.#sent.get(id) ?? 0);
    return Math.min(stream, this.#connection);
  }

  #spend(id: number, count: number): void {
    this.#sent.set(id, (this.#sent.get(id) ?? 0) + count);
    this.#connection -= count;
  }

  /** Whether something arrived in time on the open connection. */
  #news(withinMs: number): Promise<boolean> {
    if (this.closed) return Promise.resolve(false);
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.#wakers.delete(wake);
        resolve(true);
      };
      const timer = setTimeout(() => {
        this.#wakers.delete(wake);
        resolve(false);
      }, withinMs);
      this.#wakers.add(wake);
    });
  }

  #wake(): void {
    for (const wake of [...this.#wakers]) wake();
  }

  async #read(): Promise<void> {
    let rest: Uint8Array = new Uint8Array();
    for (;;) {
      const bytes = await this.#wire.read();
      if (bytes === null) return;
      rest = rest.length === 0 ? bytes : join(rest, bytes);
      for (;;) {
        if (rest.length < 9) break;
        const view = new DataView(rest.buffer, rest.byteOffset, rest.length);
        const length = view.getUint32(0) >>> 8;
        if (rest.length < 9 + length) break;
        const id = view.getUint32(5) & 0x7fffffff;
        this.#frame(rest[3]!, rest[4]!, id, rest.subarray(9, 9 + length));
        rest = rest.subarray(9 + length);
      }
      this.#wake();
    }
  }

  #frame(type: number, flags: number, id: number, payload: Uint8Array): void {
    this.frames.set(type, (this.frames.get(type) ?? 0) + 1);
    const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
    switch (type) {
      case Type.WINDOW_UPDATE:
        if (id === 0) this.#connection += view.getUint32(0);
        else this.#credit.set(id, (this.#credit.get(id) ?? 0) + view.getUint32(0));
        return;
      case Type.SETTINGS:
        return this.#settings(flags, view);
      case Type.PING:
        if (flags & Flag.ACK) return;
        return void this.send(frame(Type.PING, Flag.ACK, 0, payload)).catch(() => {});
      case Type.RST_STREAM:
        // After trailers a reset only means that the rest is not read.
        this.answers.set(id, { ...this.answers.get(id), reset: view.getUint32(0) });
        return;
      case Type.GOAWAY:
        this.goaway = `${view.getUint32(4)} ${new TextDecoder().decode(payload.subarray(8))}`;
        return;
      case Type.HEADERS:
        this.#endsStream = (flags & Flag.END_STREAM) !== 0;
        this.#block = payload;
        return this.#headers(flags, id);
      case Type.CONTINUATION:
        this.#block = join(this.#block, payload);
        return this.#headers(flags, id);
    }
  }

  #settings(flags: number, view: DataView): void {
    if (flags & Flag.ACK) return;
    for (let at = 0; at + 6 <= view.byteLength; at += 6) {
      if (view.getUint16(at) === Setting.INITIAL_WINDOW_SIZE) {
        this.#initial = view.getUint32(at + 2);
      }
    }
    this.send(frame(Type.SETTINGS, Flag.ACK, 0)).catch(() => {});
  }

  #headers(flags: number, id: number): void {
    if (!(flags & Flag.END_HEADERS)) return;
    const fields = new Map(this.#decoder.decode(this.#block).headers);
    if (!this.#endsStream) return;
    const status = fields.get("grpc-status") ?? `http ${fields.get(":status")}`;
    this.answers.set(id, { status, text: fields.get("grpc-message") ?? "" });
  }
}
