/** Runs a compression in a worker, so that it takes no time from the event loop. @module */
import { memory, type Reservation } from "./memory.ts";
import { RemoteStepper, type Step } from "./pool.ts";
import type { StepperName } from "./steppers.ts";
import { FREE_MEMORY, type Transcoder } from "./transcoder.ts";

/** Input is given in portions of at least so many bytes, to spare messages. */
const PORTION = 256 * 1024;

/** A transcoder of which each use has a stepper of its own in a worker, until it ends or is left. */
export function offload(stepper: StepperName): Transcoder {
  return async function* (bytes) {
    using reserved = memory.reserve(FREE_MEMORY);
    using remote = await RemoteStepper.start(stepper);
    for await (const portion of portions(bytes)) {
      yield* outputs(remote, { op: "push", bytes: portion }, reserved);
    }
    yield* outputs(remote, { op: "finish" }, reserved);
  };
}

/** Asks for the next output before the one at hand is used. */
async function* outputs(
  remote: RemoteStepper,
  step: Step,
  reserved: Reservation,
): AsyncGenerator<Uint8Array> {
  let answer = remote.ask(step);
  for (;;) {
    const { bytes, needs } = await answer;
    if (needs !== undefined) reserved.growTo(needs);
    else if (!bytes) return;
    answer = remote.ask({ op: "pull" });
    // Where the reader leaves, nobody waits for it.
    answer.catch(() => {});
    if (bytes) yield bytes;
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
