/** Runs one stepper, apart from everything else that the exporter does. @module */
/// <reference lib="deno.worker" />
import type { Answer, Request } from "./messages.ts";
import { STEPPERS } from "./steppers.ts";
import { messageOf } from "../../../wire/error.ts";
import type { Stepper } from "./transcoder.ts";

let stepper: Stepper;
let output: Iterator<Uint8Array<ArrayBuffer>> = [][Symbol.iterator]();

async function perform(request: Request): Promise<Answer> {
  switch (request.op) {
    case "start":
      stepper = await STEPPERS[request.stepper]();
      return {};
    case "push":
      output = stepper.push(request.bytes)[Symbol.iterator]();
      return pull();
    case "finish":
      output = stepper.finish()[Symbol.iterator]();
      return pull();
    case "pull":
      return pull();
  }
}

function pull(): Answer {
  const { done, value } = output.next();
  return done ? {} : { bytes: value };
}

/** Requests are taken one after the other: starting takes a while. */
let last: Promise<void> = Promise.resolve();

addEventListener("message", ({ data }: MessageEvent<Request>) => {
  last = last.then(async () => {
    const answer: Answer = await perform(data).catch((error) => ({ failure: messageOf(error) }));
    const bytes = "bytes" in answer ? answer.bytes : undefined;
    postMessage(answer, bytes ? [bytes.buffer] : []);
  });
});
