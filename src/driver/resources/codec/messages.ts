/** What is said between a transcoder and its worker: each request has one answer, in order. @module */
import type { StepperName } from "./steppers.ts";

/** What to do. */
export type Request =
  | { readonly op: "start"; readonly stepper: StepperName }
  /** Gives what the output before was waiting for: bytes, or their end. */
  | { readonly op: "push"; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly op: "finish" }
  /** Asks for the next output. */
  | { readonly op: "pull" };

/** What came of it: nothing more to pull, where there are no bytes. */
export type Answer =
  | { readonly bytes?: Uint8Array<ArrayBuffer> }
  | { readonly failure: string };
