/**
 * A tunnel: the raw bytes of a client's connection, in the frames of a Stream call to the router.
 * Both the exporter and its client make such calls.
 *
 * GOAWAY is the only end that crosses the router: a gRPC half-close alone is not
 * forwarded, and neither is the sudden death of the other party.
 *
 * @module
 */
import { Code } from "../code.ts";
import { dataPrefix, FrameType, GOAWAY, MAX_PAYLOAD, readFrame } from "./frame.ts";
import type { ClientCall } from "../grpc/client_call.ts";
import { type Status, StatusError } from "../grpc/status.ts";
import type { Link, LinkListener } from "../net/link.ts";

/** How long the call of a closed tunnel may take to end before it is cancelled, in milliseconds. */
const GOODBYE_MS = 1_000;

/** @see module */
export class Tunnel implements Link {
  readonly peer = "a tunnel";
  readonly #call: ClientCall;
  #listener: LinkListener | undefined;
  #closed = false;
  #taken: (() => void) | undefined;

  constructor(call: ClientCall) {
    this.#call = call;
  }

  /** The status of its call; never rejects. */
  get status(): Promise<Status> {
    return this.#call.status;
  }

  start(listener: LinkListener): void {
    this.#listener = listener;
    this.#call.listen({
      message: (message) => this.#receive(message),
      end: () => void this.#broke(),
      drained: () => this.#release(),
      closed: () => void this.#broke(),
    });
  }

  write(bytes: Uint8Array): Promise<void> | undefined {
    if (this.#closed || this.#call.over) return undefined;
    for (let start = 0; start < bytes.length; start += MAX_PAYLOAD) {
      const payload = bytes.subarray(start, start + MAX_PAYLOAD);
      this.#call.sendPieces(dataPrefix(payload.length), payload);
    }
    return new Promise((resolve) => this.#taken = resolve);
  }

  /** Sends GOAWAY and ends the call. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (!this.#call.over) this.#sayGoodbye();
    this.#tell();
  }

  #sayGoodbye(): void {
    this.#call.send(GOAWAY);
    this.#call.halfClose();
    // The peer learns of the end by GOAWAY; cancelling at once would overtake it.
    const timer = setTimeout(() => this.#call.cancel(), GOODBYE_MS);
    this.#call.status.then(() => clearTimeout(timer));
  }

  #receive(message: Uint8Array): void {
    if (this.#closed) return;
    const { type, payload } = readFrame(message);
    if (type === FrameType.GOAWAY) this.close();
    else if (type === FrameType.DATA && payload.length > 0) {
      const busy = this.#listener?.bytes(payload);
      if (busy) this.#pause(busy);
    }
  }

  #pause(busy: Promise<void>): void {
    this.#call.pause();
    busy.then(() => this.#call.resume());
  }

  async #broke(): Promise<void> {
    if (this.#closed) return void this.#release();
    this.#closed = true;
    const { code, details } = await this.#call.status;
    this.#tell(code === Code.OK ? undefined : new StatusError(code, details));
  }

  #tell(error?: Error): void {
    this.#release();
    this.#listener?.closed(error);
  }

  #release(): void {
    const taken = this.#taken;
    this.#taken = undefined;
    taken?.();
  }
}
