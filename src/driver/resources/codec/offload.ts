/** Runs a compression in a worker, so that it takes no time from the event loop. @module */
import type { Answer, Request } from "./messages.ts";
import type { StepperName } from "./steppers.ts";
import type { Transcoder } from "./transcoder.ts";

/** Input is given in portions of at least so many bytes, to spare messages. */
const PORTION = 256 * 1024;

/** A transcoder of which each use has a worker of its own, until it ends or is left. */
export function offload(stepper: StepperName): Transcoder {
  return async function* (bytes) {
    using worker = new StepperWorker();
    await worker.ask({ op: "start", stepper });
    for await (const portion of portions(bytes)) {
      yield* outputs(worker, { op: "push", bytes: portion });
    }
    yield* outputs(worker, { op: "finish" });
  };
}

/** Asks for the next output before the one at hand is used. */
async function* outputs(worker: StepperWorker, request: Request): AsyncGenerator<Uint8Array> {
  let answer = worker.ask(request);
  for (;;) {
    const bytes = await answer;
    if (!bytes) return;
    answer = worker.ask({ op: "pull" });
    // Where the reader leaves, nobody waits for it.
    answer.catch(() => {});
    yield bytes;
  }
}

/** The same bytes in larger chunks, which may be given away. */
async function* portions(
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let portion = new Uint8Array(PORTION);
  let filled = 0;
  for await (const chunk of bytes) {
    for (let at = 0; at < chunk.length;) {
      const part = chunk.subarray(at, at + PORTION - filled);
      portion.set(part, filled);
      filled += part.length;
      at += part.length;
      if (filled < PORTION) continue;
      yield portion;
      portion = new Uint8Array(PORTION);
      filled = 0;
    }
  }
  if (filled > 0) yield portion.subarray(0, filled);
}

class StepperWorker implements Disposable {
  readonly #worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  readonly #waiting: PromiseWithResolvers<Uint8Array | undefined>[] = [];
  #broken: Error | undefined;

  constructor() {
    this.#worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      const waiting = this.#waiting.shift();
      if ("failure" in data) waiting?.reject(new Error(data.failure));
      else waiting?.resolve(data.bytes);
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#break(new Error(`its worker broke: ${event.message}`));
    };
  }

  ask(request: Request): Promise<Uint8Array | undefined> {
    const answer = Promise.withResolvers<Uint8Array | undefined>();
    if (this.#broken) answer.reject(this.#broken);
    else {
      this.#waiting.push(answer);
      this.#worker.postMessage(request, "bytes" in request ? [request.bytes.buffer] : []);
    }
    return answer.promise;
  }

  [Symbol.dispose](): void {
    this.#worker.terminate();
    this.#break(new Error("its worker was stopped"));
  }

  #break(error: Error): void {
    this.#broken = error;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}
