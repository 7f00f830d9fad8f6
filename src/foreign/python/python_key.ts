/** The key `python` of an entry: how its driver is hosted. @module */
import { z } from "zod";
import type { PythonLimits } from "./child_options.ts";
import { InvalidArgument } from "../../wire/error.ts";

/** What `python:` of an entry asks for. */
export interface PythonKey {
  /** Whether the driver gets a process of its own. */
  readonly own: boolean;
  readonly limits: PythonLimits;
}

const UNITS: Readonly<Record<string, number>> = { "": 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 };

const memory = z.union([z.int(), z.string()]).transform((given, context) => {
  const [, digits, unit] = /^(\d{1,15})\s*([KMG]?)(?:i?B)?$/i.exec(String(given).trim()) ?? [];
  const bytes = digits === undefined ? 0 : Number(digits) * UNITS[unit!.toUpperCase()]!;
  // An interpreter with the official package needs about 70 MB.
  if (bytes >= 128 * 1024 ** 2) return bytes;
  const message = `expected a size of at least 128M, such as 512M or 1G, found '${given}'`;
  context.addIssue({ code: "custom", message });
  return z.NEVER;
});

const cpu = z.union([z.number(), z.string()]).transform((given, context) => {
  const percent = Number(String(given).trim().replace(/%$/, ""));
  if (percent >= 1 && percent <= 100_000) return percent;
  const message = `expected a percentage of one processor, such as 50%, found '${given}'`;
  context.addIssue({ code: "custom", message });
  return z.NEVER;
});

const schema = z.union([
  z.literal(true),
  z.strictObject({
    own: z.boolean().optional(),
    memory: memory.optional(),
    cpu: cpu.optional(),
  }),
]);

/**
 * Reads the key; undefined if the entry does not ask for Python. A limit holds for a whole process,
 * so a driver with one has its own.
 *
 * @throws {InvalidArgument} if the value is none of the accepted ones.
 */
export function readPythonKey(value: unknown): PythonKey | undefined {
  if (value === undefined || value === null || value === false) return undefined;
  const { success, data, error } = schema.safeParse(value);
  if (!success) {
    const own = error.issues.flatMap((issue) =>
      issue.code === "invalid_union" ? issue.errors.flat() : [issue]
    ).find(({ code }) => code === "custom")?.message;
    throw new InvalidArgument(
      `python: ${own ?? "expected true, or a map with own, memory or cpu"}`,
    );
  }
  if (data === true) return { own: false, limits: {} };
  const { own, memory, cpu } = data;
  return {
    own: own ?? (memory !== undefined || cpu !== undefined),
    limits: { ...(memory !== undefined && { memory }), ...(cpu !== undefined && { cpu }) },
  };
}
