import assert from "node:assert/strict";
import { z } from "zod";
import { describeIssues } from "./issue.ts";

/** What is said of `value`, which the schema must reject. */
function problem(schema: z.ZodType, value: unknown): string {
  const parsed = schema.safeParse(value);
  assert.equal(parsed.success, false);
  return describeIssues(parsed.error!.issues, value);
}

Deno.test("describeIssues() names the expected and the found value", () => {
  const cases: [z.ZodType, unknown, string][] = [
    [z.string(), undefined, "expected text, found nothing"],
    [z.boolean(), "on", 'expected true or false, found the text "on"'],
    [z.int(), 0.5, "expected a whole number, found the number 0.5"],
    [z.number().max(5), 9, "expected a number of at most 5, found the number 9"],
    [z.enum(["rb", "wb"]), "ab", 'expected "rb" or "wb", found the text "ab"'],
    [z.guid(), "zz", 'expected a UUID, found the text "zz"'],
    [z.union([z.string(), z.number()]), [], "expected text or a number, found a list"],
    [z.string().refine((text) => text !== "a", "never a"), "a", "never a"],
  ];
  for (const [schema, value, expected] of cases) assert.equal(problem(schema, value), expected);
});

Deno.test("describeIssues() names the wrong part of a value, without secrets", () => {
  const login = z.strictObject({ user: z.string(), token: z.int() });
  assert.equal(
    problem(z.array(login), [{ user: 5, token: "hunter2", host: "a" }]),
    "'0.user': expected text, found the number 5; " +
      "'0.token': expected a number, found text; '0': unknown key 'host'",
  );
  const handle = z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("a") }),
    z.object({ kind: z.literal("b") }),
  ]);
  assert.equal(problem(handle, { kind: 1 }), `'kind': expected "a" or "b", found the number 1`);
});
