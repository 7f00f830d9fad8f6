/** The config of a YKUSH. @module */
import { z } from "../../src/driver/mod.ts";

/** A port may be written as a number, which the official driver refuses. */
const asText = (value: unknown) => typeof value === "number" ? String(value) : value;

/** The keys and values below `config:`. */
export const config = z.strictObject({
  serial: z.string().nullable().default(null)
    .describe("serial number of the hub; null: the only hub that is plugged in"),
  default: z.enum(["on", "off", "keep"]).default("off")
    .describe("state of the port when a lease begins"),
  port: z.preprocess(asText, z.enum(["1", "2", "3", "all"])).default("all")
    .describe("number of the port, or all of them"),
});

/** @see config */
export type YkushConfig = z.output<typeof config>;
