/** The messages to and from a worker: each request has one answer, and the answers come in order. @module */
import type { StepperName } from "./steppers.ts";

/** A request to the stepper `id` of a worker. */
export type Request =
  | { readonly op: "start"; readonly id: number; readonly stepper: StepperName }
  /** Input: bytes, or their end by `finish`; sent once the outputs of the last input are over. */
  | { readonly op: "push"; readonly id: number; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly op: "finish"; readonly id: number }
  /** Asks for the next output, and grants the memory that the previous answer needs. */
  | { readonly op: "pull"; readonly id: number }
  | { readonly op: "close"; readonly id: number };

/**
 * An output: bytes, a need for memory in bytes, or a number of ignored bytes. If it is empty, this
 * input has no more outputs.
 */
export type Answer =
  | {
    readonly bytes?: Uint8Array<ArrayBuffer>;
    readonly needs?: number;
    readonly trailing?: number;
  }
  | { readonly failure: string };
