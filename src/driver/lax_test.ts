import assert from "node:assert/strict";
import { z } from "zod";
import { laxBoolean, laxInteger, laxNumber } from "./lax.ts";

/** The values that a schema accepts, with what it makes of them; the others are left out. */
function accepted(schema: z.ZodType, values: readonly unknown[]): [unknown, unknown][] {
  return values.flatMap((value): [unknown, unknown][] => {
    const { success, data } = schema.safeParse(value);
    return success ? [[value, data]] : [];
  });
}

// The expectations are what pydantic 2.14 makes of these values in its lax mode.
const texts = ["5", "05", " 5 ", "+5", "-5", "1_0", "5.0", "5.5", ".5", "1e3", "1_000.5"];
const wrong = ["", "abc", "0x10", "5_", "_5", "1__0", "- 5", "nan", "inf", null, [], {}];

Deno.test("laxInteger() accepts the text of a whole number, and no other", () => {
  assert.deepEqual(accepted(laxInteger(), [7, 7.5, true, false, ...texts, ...wrong]), [
    [7, 7],
    [true, 1],
    [false, 0],
    ["5", 5],
    ["05", 5],
    [" 5 ", 5],
    ["+5", 5],
    ["-5", -5],
    ["1_0", 10],
    ["5.0", 5],
  ]);
  assert.equal(laxInteger(z.int().positive()).safeParse("-5").success, false);
});

Deno.test("laxNumber() accepts the text of a number, and no other", () => {
  assert.deepEqual(accepted(laxNumber(), [7.5, true, ...texts, "1e400", ...wrong]), [
    [7.5, 7.5],
    [true, 1],
    ["5", 5],
    ["05", 5],
    [" 5 ", 5],
    ["+5", 5],
    ["-5", -5],
    ["1_0", 10],
    ["5.0", 5],
    ["5.5", 5.5],
    [".5", 0.5],
    ["1e3", 1000],
    ["1_000.5", 1000.5],
  ]);
});

Deno.test("laxBoolean accepts the words for true and false, and nothing as false", () => {
  const words = ["true", "T", "Yes", "y", "ON", "1", "false", "f", "No", "n", "off", "0"];
  const values = [true, 1, 0, null, ...words, 2, " true", "", "maybe", [], [1], {}];
  assert.deepEqual(accepted(laxBoolean, values), [
    [true, true],
    [1, true],
    [0, false],
    [null, false],
    ...words.slice(0, 6).map((word): [string, boolean] => [word, true]),
    ...words.slice(6).map((word): [string, boolean] => [word, false]),
  ]);
});
