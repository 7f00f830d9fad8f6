/** What is said between the steppers' users and a worker: each request has one answer, in order. @module */
import type { StepperName } from "./steppers.ts";

/** What to do; a worker has several steppers, `id` says which one is meant. */
export type Request =
  | { readonly op: "start"; readonly id: number; readonly stepper: StepperName }
  /** Gives what the output before was waiting for: bytes, or their end. */
  | { readonly op: "push"; readonly id: number; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly op: "finish"; readonly id: number }
  /** Asks for the next output; it grants the memory that the answer before asked for. */
  | { readonly op: "pull"; readonly id: number }
  | { readonly op: "close"; readonly id: number };

/** What came of it: nothing more to pull, where there is neither. */
export type Answer =
  | { readonly bytes?: Uint8Array<ArrayBuffer>; readonly needs?: number }
  | { readonly failure: string };
