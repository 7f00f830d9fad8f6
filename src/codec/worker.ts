/** The worker thread that runs steppers. @module */
/// <reference lib="deno.worker" />
import type { Answer, Request } from "./messages.ts";
import { STEPPERS } from "./steppers.ts";
import { lowerPriority } from "../libc/priority.ts";
import { messageOf } from "../wire/error.ts";
import type { Output, Stepper } from "./transcoder.ts";

/** Lower than the main thread, whose calls must not wait for images. */
const NICENESS = 5;
lowerPriority(NICENESS);

interface Running {
  readonly stepper: Stepper;
  output: Iterator<Output>;
}

const NO_OUTPUT: Iterator<Output> = { next: () => ({ done: true, value: undefined }) };
const steppers = new Map<number, Running>();

function perform(request: Request): Answer {
  const { op, id } = request;
  if (op === "start") {
    steppers.set(id, { stepper: STEPPERS[request.stepper](), output: NO_OUTPUT });
    return {};
  }
  if (op === "close") {
    steppers.delete(id);
    return {};
  }
  const running = steppers.get(id)!;
  if (op === "push") running.output = running.stepper.push(request.bytes)[Symbol.iterator]();
  if (op === "finish") running.output = running.stepper.finish()[Symbol.iterator]();
  const { done, value } = running.output.next();
  if (done) return {};
  return value instanceof Uint8Array ? { bytes: value } : value;
}

function answer(request: Request): Answer {
  try {
    return perform(request);
  } catch (error) {
    return { failure: messageOf(error) };
  }
}

addEventListener("message", ({ data }: MessageEvent<Request>) => {
  const given = answer(data);
  const bytes = "bytes" in given ? given.bytes : undefined;
  postMessage(given, bytes ? [bytes.buffer] : []);
});
