/** Runs a compression in a worker, so that it does not block the event loop. @module */
import { memoryBudget, type Reservation } from "./memory_budget.ts";
import { RemoteStepper, type Step } from "./remote_stepper.ts";
import type { StepperName } from "./steppers.ts";
import { FREE_MEMORY, type OnTrailing, type Transcoder } from "./transcoder.ts";

/** Bytes of input in one message to the worker. */
const PORTION = 256 * 1024;

/** A transcoder that runs each stream in a stepper of its own, which ends with the stream. */
export function offload(stepper: StepperName): Transcoder {
  return async function* (bytes, onTrailing) {
    using reserved = memoryBudget.reserve(FREE_MEMORY);
    using remote = await RemoteStepper.start(stepper);
    const effects = { reserved, onTrailing };
    for await (const portion of portions(bytes)) {
      yield* outputs(remote, { op: "push", bytes: portion }, effects);
    }
    yield* outputs(remote, { op: "finish" }, effects);
  };
}

/** What the outputs lead to, apart from bytes. */
interface Effects {
  readonly reserved: Reservation;
  readonly onTrailing: OnTrailing | undefined;
}

/** Yields the outputs of a step; asks for the next one before it yields the present one. */
async function* outputs(
  remote: RemoteStepper,
  step: Step,
  { reserved, onTrailing }: Effects,
): AsyncGenerator<Uint8Array> {
  let answer = remote.ask(step);
  for (;;) {
    const { bytes, needs, trailing } = await answer;
    if (needs !== undefined) reserved.growTo(needs);
    else if (trailing !== undefined) onTrailing?.(trailing);
    else if (!bytes) return;
    answer = remote.ask({ op: "pull" });
    // If the reader leaves, nothing awaits this answer.
    answer.catch(() => {});
    if (bytes) yield bytes;
  }
}

/** The same bytes in larger chunks, whose buffers can be transferred. */
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
