/** Byte streams across the worker boundary, with credit-based flow control. @module */
import { Duplex } from "node:stream";
import { ConnectionFailed } from "../../wire/error.ts";
import { fromFailure, toFailure } from "./failure.ts";
import type { Note } from "./protocol.ts";

/** The initial credit of each direction, in bytes. */
const WINDOW = 1 << 20;
/** Credit is granted in portions of at least this many bytes, to save messages. */
const PORTION = WINDOW / 4;

/** Sends a note to the other end. */
export type SendNote = (note: Note, transfer?: Transferable[]) => void;

/**
 * One end of a channel. Half-open: each direction ends by itself; destroying one end
 * destroys the other with the same error. Chunks keep their boundaries.
 */
class Channel extends Duplex {
  readonly #id: number;
  readonly #send: SendNote;
  #credit = WINDOW;
  #owed = 0;
  #blocked: (() => void) | undefined;
  #remoteGone = false;
  /** Why the bytes end here, for the other end. */
  #reason: Error | undefined;
  /** The same of the other end: destroys the channel once what came before it was read. */
  #fault: Error | undefined;

  constructor(id: number, send: SendNote) {
    super({ readableObjectMode: true });
    this.#id = id;
    this.#send = send;
    // An error before the first listener must not end the process.
    this.on("error", () => {});
  }

  /** Processes a note of the other end. */
  receive(note: Extract<Note, { channel: number }>): void {
    switch (note.op) {
      case "data":
        return this.#take(note.bytes);
      case "credit":
        return this.#grant(note.bytes);
      case "end":
        return note.failure ? this.#break(fromFailure(note.failure)) : void this.push(null);
      case "destroy":
        return this.lose(note.failure && fromFailure(note.failure));
    }
    note satisfies never;
  }

  /** Destroys the channel after its other end was lost. */
  lose(error?: Error): void {
    this.#remoteGone = true;
    this.destroy(error);
  }

  /** Ends both directions; the other end fails with `error` once it has read all bytes. */
  endWith(error: Error): void {
    this.#reason = error;
    this.end(() => this.lose());
  }

  #break(error: Error): void {
    this.#remoteGone = true;
    this.#fault = error;
    this.#unblock();
    if (this.readableLength === 0) this.destroy(error);
  }

  override read(size?: number): unknown {
    const chunk = super.read(size);
    if (this.#fault && this.readableLength === 0) this.destroy(this.#fault);
    return chunk;
  }

  #take(bytes: Uint8Array): void {
    if (this.destroyed) return;
    this.#owed += cost(bytes);
    if (this.push(bytes)) this.#pay();
  }

  #pay(): void {
    if (this.#owed < PORTION) return;
    this.#send({ op: "credit", channel: this.#id, bytes: this.#owed });
    this.#owed = 0;
  }

  #grant(bytes: number): void {
    this.#credit += bytes;
    if (this.#credit > 0) this.#unblock();
  }

  #unblock(): void {
    const done = this.#blocked;
    this.#blocked = undefined;
    done?.();
  }

  override _read(): void {
    this.#pay();
  }

  /** Copies the bytes, because transferring the writer's own buffer would detach it. */
  override _write(chunk: Uint8Array, _encoding: unknown, done: () => void): void {
    // Nobody takes it.
    if (this.#remoteGone) return done();
    const bytes = new Uint8Array(chunk);
    this.#credit -= cost(bytes);
    this.#send({ op: "data", channel: this.#id, bytes }, [bytes.buffer]);
    if (this.#credit > 0) done();
    else this.#blocked = done;
  }

  override _final(done: () => void): void {
    const failure = this.#reason && { failure: toFailure(this.#reason) };
    this.#send({ op: "end", channel: this.#id, ...failure });
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (!this.#remoteGone && (error || !isComplete(this))) {
      const failure = error && { failure: toFailure(error) };
      this.#send({ op: "destroy", channel: this.#id, ...failure });
    }
    this.#unblock();
    done(error);
  }
}

/** The credit that a chunk uses. Empty chunks use some, too, so that their number is bounded. */
function cost(bytes: Uint8Array): number {
  return Math.max(bytes.length, 64);
}

/** Whether both directions have ended, even if the other end has not read everything yet. */
function isComplete(stream: Duplex): boolean {
  return stream.readableEnded && stream.writableFinished;
}

/** The channels of one side by number. */
export class Channels {
  readonly #open = new Map<number, Channel>();
  readonly #send: SendNote;

  constructor(send: SendNote) {
    this.#send = send;
  }

  /** Opens this side's end of channel `id`. */
  open(id: number): Channel {
    const channel = new Channel(id, this.#send);
    this.#open.set(id, channel);
    channel.once("close", () => this.#open.delete(id));
    return channel;
  }

  /** Delivers a note to its channel; drops notes for closed channels. */
  receive(note: Extract<Note, { channel: number }>): void {
    this.#open.get(note.channel)?.receive(note);
  }

  /** Destroys all channels after the other side was lost. */
  lose(error: Error): void {
    for (const channel of this.#open.values()) channel.lose(error);
  }
}

/** Connects a channel to a device until one of them closes. */
export function join(channel: Channel, device: Duplex): void {
  device.on("error", (error) => channel.destroy(error));
  device.once("close", () => {
    // Ended, not destroyed: the device's last bytes may not be read yet.
    channel.unpipe(device);
    channel.resume();
    if (device.readableEnded) channel.end();
    else channel.endWith(new ConnectionFailed("the device closed its stream"));
  });
  channel.once("close", () => {
    if (!isComplete(channel)) device.destroy();
  });
  device.pipe(channel);
  channel.pipe(device);
}
