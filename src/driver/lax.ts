/**
 * Numbers and switches that may be written as text: `baudrate: "115200"`. The accepted spellings
 * are those of pydantic's conversions (https://docs.pydantic.dev/latest/concepts/conversion_table),
 * which include those of the Python libraries that official drivers pass such values to.
 *
 * @module
 */
import { z } from "zod";

const DIGITS = String.raw`\d+(?:_\d+)*`;
const INTEGER = new RegExp(String.raw`^\s*[-+]?${DIGITS}(?:\.0*)?\s*$`);
const NUMBER = new RegExp(
  String.raw`^\s*[-+]?(?:${DIGITS}(?:\.(?:${DIGITS})?)?|\.${DIGITS})(?:[eE][-+]?\d+)?\s*$`,
);
const TRUE = ["true", "t", "yes", "y", "on", "1"];
const FALSE = ["false", "f", "no", "n", "off", "0"];

/** A whole number; also text of one, or true and false as 1 and 0. */
export function laxInteger<S extends z.ZodType = z.ZodInt>(schema?: S): z.ZodPreprocess<S> {
  return z.preprocess(reader(INTEGER), (schema ?? z.int()) as S);
}

/** A number; also text of one, or true and false as 1 and 0. */
export function laxNumber<S extends z.ZodType = z.ZodNumber>(schema?: S): z.ZodPreprocess<S> {
  return z.preprocess(reader(NUMBER), (schema ?? z.number()) as S);
}

/** True or false; also the usual words for them, 1 and 0. Nothing (`null`) is false. */
export const laxBoolean: z.ZodPreprocess<z.ZodBoolean> = z.preprocess(readBoolean, z.boolean());

function reader(text: RegExp): (value: unknown) => unknown {
  return (value) => {
    if (typeof value === "boolean") return Number(value);
    const isText = typeof value === "string" && text.test(value);
    return isText ? Number(value.replaceAll("_", "")) : value;
  };
}

function readBoolean(value: unknown): unknown {
  if (value === null) return false;
  if (typeof value !== "string" && typeof value !== "number") return value;
  const word = String(value).toLowerCase();
  if (TRUE.includes(word)) return true;
  return FALSE.includes(word) ? false : value;
}
