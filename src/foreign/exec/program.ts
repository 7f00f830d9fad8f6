/** Reads from an entry of a config which program serves its driver. @module */
import { z } from "zod";
import { InvalidArgument } from "../../driver/mod.ts";
import { describeIssues } from "../../text/issue.ts";
import { type Environment, runtimeProgram } from "./runtime.ts";
import { splitWords } from "./words.ts";

/** The type of an entry whose `command:` serves its driver. */
export const EXEC_TYPE = "exec";

/** A map of the config. */
export type ConfigMap = Readonly<Record<string, unknown>>;

/** The program of an entry. */
export interface ExecProgram {
  /** The program, by its path or its name on PATH, and its arguments. */
  readonly command: readonly [string, ...string[]];
  /** Added to the exporter's environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Its working folder, relative to the folder of the config file. @default that folder */
  readonly cwd?: string;
  /** Whether it runs from the first lease to the exporter's end, rather than once per lease. */
  readonly keep: boolean;
  /** How long it may take until it answers, in milliseconds. */
  readonly startTimeoutMs: number;
  /** The entry as the program reads it: without the keys that only tell how to start it. */
  readonly entry: ConfigMap;
}

const MAX_WORDS = 256;

const words = z.union([z.string(), z.array(z.union([z.string(), z.number()]))])
  .transform((command, { addIssue }) => {
    const split = typeof command === "string" ? splitWords(command) : command.map(String);
    if (!split) addIssue("expected that each quote is closed, found one that is not");
    return split ?? [];
  })
  .refine((list) => list.length > 0 && list.length <= MAX_WORDS && list[0] !== "", {
    error: `expected a program and at most ${MAX_WORDS - 1} arguments`,
  })
  .transform(([program, ...args]) => [program!, ...args] as const);

const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);

/** The keys that tell how the program is started. */
const start = {
  command: words.optional(),
  env: z.record(z.string().regex(/^[^=\0]+$/), scalar).nullish().transform((env) => env ?? {}),
  cwd: z.string().min(1).optional(),
  keep: z.boolean().default(false),
  startTimeout: z.number().positive().max(3600).default(30),
};
const startKeys = z.object(start);
const startConfig = z.strictObject({ ...start, settings: z.looseObject({}).nullish() });

const hostKey = z.union([
  z.string().min(1).transform((bin) => [bin] as const),
  z.object({
    bin: z.string().min(1),
    args: z.array(scalar).nullish(),
  }).transform(({ bin, args }) => [bin, ...args ?? []] as const),
]);

/**
 * The program that serves the driver of an entry: that of `command:` where the type is `exec`, that
 * of `host:`, or the one that stands for `runtime:` or the prefix of the type.
 *
 * @param entry all keys of the entry.
 * @returns undefined if no program of its own serves the driver.
 * @throws {InvalidArgument} with what was expected and found, if a key cannot be used.
 */
export function readProgram(
  entry: ConfigMap,
  env: Environment = (name) => Deno.env.get(name),
): ExecProgram | undefined {
  const type = String(entry.type ?? "");
  if (type === EXEC_TYPE) return ofExec(entry);
  const runtime = runtimeProgram(type, entry.runtime, env);
  if (entry.host === undefined && runtime === undefined) return undefined;
  const command = entry.host === undefined
    ? [runtime!] as const
    : parse(z.object({ host: hostKey }), entry).host;
  return assemble(command, parse(startKeys.omit({ command: true }), entry), entry);
}

/** `command:` stands beside `type:`, or in `config:` with the driver's own config as `settings:`. */
function ofExec(entry: ConfigMap): ExecProgram {
  const inside = entry.config as ConfigMap | null | undefined;
  const nested = entry.command === undefined && entry.host === undefined &&
    typeof inside === "object" && inside?.command !== undefined;
  if (!nested) {
    const { command, ...keys } = parse(startKeys, entry);
    const program = command ?? parse(z.object({ host: hostKey.optional() }), entry).host;
    return assemble(program, keys, entry);
  }
  const { config } = parse(z.object({ config: startConfig }), entry);
  const { command, settings, ...keys } = config;
  const { config: _, ...others } = entry;
  return assemble(command, keys, { ...others, ...(settings && { config: settings }) });
}

function assemble(
  command: readonly [string, ...string[]] | undefined,
  { env, cwd, keep, startTimeout }: Omit<z.output<typeof startKeys>, "command">,
  entry: ConfigMap,
): ExecProgram {
  if (!command) {
    throw new InvalidArgument(
      "'command': expected the program that serves the driver, found nothing; write " +
        "command: /path/of/program",
    );
  }
  const passed = Object.entries(entry).filter(([key]) => !(key in start));
  return {
    command,
    env,
    ...(cwd !== undefined && { cwd }),
    keep,
    startTimeoutMs: startTimeout * 1000,
    entry: Object.fromEntries(passed),
  };
}

function parse<S extends z.ZodType>(schema: S, entry: ConfigMap): z.output<S> {
  const { success, data, error } = schema.safeParse(entry);
  if (success) return data;
  throw new InvalidArgument(describeIssues(error.issues, entry));
}
