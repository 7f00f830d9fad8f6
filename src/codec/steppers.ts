/** The steppers, by name. @module */
import { Bzip2Decoder } from "./bzip2/decoder.ts";
import { Bzip2Encoder } from "./bzip2/encoder.ts";
import type { Stepper } from "./transcoder.ts";
import { XzDecoder, XzEncoder } from "./xz.ts";

/** Each function makes a stepper for one stream of bytes. */
export const STEPPERS = {
  "xz decoder": () => new XzDecoder(),
  "xz encoder": () => new XzEncoder(),
  "bzip2 decoder": () => new Bzip2Decoder(),
  "bzip2 encoder": () => new Bzip2Encoder(),
} satisfies Record<string, () => Stepper>;

/** @see STEPPERS */
export type StepperName = keyof typeof STEPPERS;
