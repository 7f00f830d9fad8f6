/** The compressions that work in steps, by name. @module */
import { Bzip2Decoder } from "./bzip2/decoder.ts";
import { Bzip2Encoder } from "./bzip2/encoder.ts";
import type { Stepper } from "./transcoder.ts";
import { xzDecoder, xzEncoder } from "./xz.ts";

/** Each makes one for one stream of bytes. */
export const STEPPERS = {
  "xz decoder": () => Promise.resolve(xzDecoder()),
  "xz encoder": () => Promise.resolve(xzEncoder()),
  "bzip2 decoder": () => Promise.resolve(new Bzip2Decoder()),
  "bzip2 encoder": () => Promise.resolve(new Bzip2Encoder()),
} satisfies Record<string, () => Promise<Stepper>>;

/** @see STEPPERS */
export type StepperName = keyof typeof STEPPERS;
