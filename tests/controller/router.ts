/**
 * The router: pairs two callers that present the same token and forwards the bytes of
 * every frame between them, unread and unchanged.
 *
 * @module
 */
import type { Buffer } from "node:buffer";
import type { Server, ServerDuplexStream } from "@grpc/grpc-js";
import { RouterServiceService } from "../../src/wire/gen/jumpstarter/v1/router.ts";
import { bearerToken } from "./auth.ts";
import { TlsFront } from "./front.ts";
import { Code, RpcError } from "./rpc_error.ts";
import type { KeyPair } from "./tls.ts";
import { verifyToken } from "./token.ts";

type Party = ServerDuplexStream<Buffer, Buffer>;

/** The record of a stream id. */
export interface RoutedStream {
  /** The subject of the token. */
  readonly id: string;
  state: "waiting" | "forwarding" | "ended";
  /** Frames that the first and the second party sent. */
  readonly frames: [number, number];
  /** Encoded bytes of these frames. */
  readonly bytes: [number, number];
}

/** @see TestRouter */
export interface RouterOptions {
  readonly pair: KeyPair;
  /** Key of the tokens' signatures. */
  readonly secret: Uint8Array;
  /** @default 0 */
  readonly port?: number;
  /** @default "127.0.0.1" */
  readonly address?: string | undefined;
}

/** Frames pass as they are: both directions have one encoding, so none is decoded. */
const FORWARDING = {
  stream: {
    ...RouterServiceService.stream,
    requestDeserialize: (frame: Buffer): Buffer => frame,
    responseSerialize: (frame: Buffer): Buffer => frame,
  },
};

/** A router on a TLS port. */
export class TestRouter {
  /** The key of the tokens' signatures; a test may change it. */
  secret: Uint8Array;
  readonly #waiting = new Map<string, { party: Party; stream: RoutedStream }>();
  readonly #parties = new Map<RoutedStream, Party[]>();
  /** The port: its connections, its certificate errors, and the way to stop and start it. */
  readonly front: TlsFront;
  /** Every stream since the start, oldest first. */
  readonly streams: RoutedStream[] = [];
  /** The reasons of refused callers. */
  readonly refused: string[] = [];

  constructor({ pair, secret, port = 0, address }: RouterOptions) {
    this.secret = secret;
    const serve = (server: Server) => {
      server.addService(FORWARDING, { stream: (party: Party) => this.#open(party) });
    };
    this.front = new TlsFront({ pair, alpn: ["h2"], serve, port, address });
  }

  /** The streams in one state. */
  in(state: RoutedStream["state"]): RoutedStream[] {
    return this.streams.filter((stream) => stream.state === state);
  }

  /** Ends the streams with an error at both parties: that of `id`, or all. */
  cut(id?: string): void {
    const error = new RpcError(Code.UNAVAILABLE, "stream was cut");
    for (const [stream, parties] of this.#parties) {
      if (id !== undefined && stream.id !== id) continue;
      for (const party of parties) finish(party, error);
    }
  }

  #open(party: Party): void {
    // The "cancelled" event reports a party that vanishes; its error adds nothing.
    party.on("error", () => {});
    try {
      const id = verifyToken(this.secret, bearerToken(party.metadata));
      const first = this.#waiting.get(id);
      if (first) this.#forward(first, party);
      else this.#wait(id, party);
    } catch (error) {
      this.refused.push((error as Error).message);
      // The real router keeps the reason to itself.
      party.emit("error", new RpcError(Code.UNAUTHENTICATED, "invalid jwt token"));
    }
  }

  /** Without a bound: the first party waits until its peer comes. */
  #wait(id: string, party: Party): void {
    const stream: RoutedStream = { id, state: "waiting", frames: [0, 0], bytes: [0, 0] };
    this.streams.push(stream);
    this.#waiting.set(id, { party, stream });
    this.#parties.set(stream, [party]);
    party.once("close", () => {
      if (stream.state !== "waiting") return;
      this.#waiting.delete(id);
      this.#end(stream);
    });
  }

  async #forward(first: { party: Party; stream: RoutedStream }, second: Party): Promise<void> {
    const { party, stream } = first;
    this.#waiting.delete(stream.id);
    this.#parties.set(stream, [party, second]);
    stream.state = "forwarding";
    const finished = await Promise.all([
      pipe(party, second, (frame) => count(stream, 0, frame)),
      pipe(second, party, (frame) => count(stream, 1, frame)),
    ]);
    this.#end(stream);
    finish(party);
    finish(second, finished.every(Boolean) ? undefined : new RpcError(Code.CANCELLED, "cancelled"));
  }

  #end(stream: RoutedStream): void {
    stream.state = "ended";
    this.#parties.delete(stream);
  }
}

function count({ frames, bytes }: RoutedStream, side: 0 | 1, frame: Buffer): void {
  frames[side]++;
  bytes[side] += frame.length;
}

function finish(party: Party, error?: RpcError): void {
  if (party.cancelled || party.writableEnded || party.destroyed) return;
  if (error) party.emit("error", error);
  else party.end();
}

/**
 * Copies frames until `from` half-closes (true), or until either side turns out to be
 * gone (false). That `to` has gone is noticed only when there is something to send to
 * it, as in the real router.
 */
function pipe(from: Party, to: Party, onFrame: (frame: Buffer) => void): Promise<boolean> {
  return new Promise((resolve) => {
    const broken = () => resolve(false);
    const resume = () => {
      to.off("close", broken);
      from.resume();
    };
    from.on("data", (frame: Buffer) => {
      if (to.cancelled || to.destroyed) return broken();
      onFrame(frame);
      if (to.write(frame)) return;
      from.pause();
      to.once("drain", resume);
      to.once("close", broken);
    });
    from.once("end", () => resolve(true));
    from.once("close", broken);
  });
}
