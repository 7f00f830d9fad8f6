/** Calls of RouterService.Stream frame by frame, for tests. @module */
import {
  FrameType,
  RouterServiceService,
  StreamRequest,
  StreamResponse,
} from "../gen/jumpstarter/v1/router.ts";
import type { GrpcClient } from "../grpc/client.ts";
import type { ClientCall } from "../grpc/client_call.ts";
import type { Status } from "../grpc/status.ts";
import type { Header } from "../http2/header_table.ts";

const EMPTY = new Uint8Array();

/**
 * Makes a call to the inner RouterService of a session.
 *
 * @param request the value of the metadata `request`, as JSON unless it is text
 * @param heard called with each frame
 */
export function openFrames(
  client: GrpcClient,
  request?: unknown,
  heard?: (frame: StreamResponse) => void,
): FrameCall {
  const text = typeof request === "string" ? request : JSON.stringify(request);
  const metadata: Header[] = text === undefined ? [] : [["request", text]];
  return new FrameCall(client.call(RouterServiceService.stream.path, { metadata }), heard);
}

/** A call that keeps what it receives. Frames pass through generated code, not our own. */
export class FrameCall {
  readonly #call: ClientCall;
  readonly #goaway = Promise.withResolvers<void>();
  readonly #over = Promise.withResolvers<void>();
  #room = Promise.withResolvers<void>();
  readonly frames: StreamResponse[] = [];

  /** @param heard called with each frame */
  constructor(call: ClientCall, heard?: (frame: StreamResponse) => void) {
    this.#call = call;
    this.#call.listen({
      message: (message) => {
        const frame = StreamResponse.decode(message);
        this.frames.push(frame);
        if (frame.frameType === FrameType.FRAME_TYPE_GOAWAY) this.#goaway.resolve();
        heard?.(frame);
      },
      end() {},
      drained: () => this.#wake(),
      closed: () => {
        this.#over.resolve();
        this.#wake();
      },
    });
  }

  /** The server's headers. */
  get metadata(): Promise<readonly Header[]> {
    return this.#call.metadata;
  }

  /** How the call ended. */
  get status(): Promise<Status> {
    return this.#over.promise.then(() => this.#call.status);
  }

  /** Resolves with the first GOAWAY. */
  get goaway(): Promise<void> {
    return this.#goaway.promise;
  }

  /** Sends a frame; resolves when there is room for another, with whether the call goes on. */
  async send(
    payload: Uint8Array | string,
    frameType = FrameType.FRAME_TYPE_DATA,
  ): Promise<boolean> {
    if (this.#call.over) return false;
    const bytes = typeof payload === "string" ? new TextEncoder().encode(payload) : payload;
    const message = StreamRequest.encode({ payload: bytes, frameType }).finish();
    if (!this.#call.send(message)) await this.#room.promise;
    return !this.#call.over;
  }

  /** Sends GOAWAY and half-closes, as official clients do. */
  end(): void {
    this.send(EMPTY, FrameType.FRAME_TYPE_GOAWAY);
    this.#call.halfClose();
  }

  /** Half-closes the call. */
  halfClose(): void {
    this.#call.halfClose();
  }

  /** Cancels the call. */
  cancel(): void {
    this.#call.cancel();
  }

  /** Every frame of a call that succeeds: the text of its data, or the name of its type. @throws {StatusError} */
  async words(): Promise<string[]> {
    await this.#call.success();
    await this.#over.promise;
    return this.frames.map(({ payload, frameType }) => {
      if (frameType !== FrameType.FRAME_TYPE_DATA) return FrameType[frameType]!;
      return new TextDecoder().decode(payload);
    });
  }

  #wake(): void {
    this.#room.resolve();
    this.#room = Promise.withResolvers();
  }
}
