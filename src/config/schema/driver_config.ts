/** Reads the `config:` of a driver entry. @module */
import { z } from "zod";
import type { DriverManifest } from "../../driver/manifest.ts";
import type { DriverSource, HostedDriver, UnavailableDriver } from "../../tree/entry.ts";
import { keepSecret } from "../../text/secrets.ts";
import { DriverError, messageOf } from "../../wire/error.ts";
import { ENTRY_KEYS } from "./entry_indentation.ts";
import { isEmpty } from "./entry_form.ts";
import { dropsUnknownKeys, knownKeys } from "./known_keys.ts";
import { unknownKey, validate, type ValueContext } from "./validate.ts";
import { isMap, type YamlMap } from "../yaml/map.ts";
import { nearest } from "../../text/nearest.ts";
import { describeValue } from "../../text/value.ts";
import { SECRET_KEYS } from "../yaml/secrets.ts";

/** The levels of Python's logging. */
const LEVELS = [
  "NOTSET",
  "DEBUG",
  "INFO",
  "WARN",
  "WARNING",
  "ERROR",
  "FATAL",
  "CRITICAL",
] as const;

/** Keys that every official driver accepts in `config:`. */
export const baseKeys = z.object({
  description: z.string().nullish().describe("text about the driver, for clients"),
  methods_description: z.record(z.string(), z.string()).optional()
    .describe("texts about its methods, for clients"),
  labels: z.record(z.string(), z.string()).optional().describe("further labels of its report"),
  uuid: z.preprocess(plainUuid, z.guid()).optional()
    .describe("its uuid, instead of one that is derived from its path"),
  // Accepted for existing files, and ignored: records are filtered where they are shown.
  log_level: z.union([z.enum(LEVELS), z.int()]).optional()
    .describe("accepted, and without effect"),
});

/** The usual spelling of a UUID with braces, `urn:uuid:` or without dashes, as Python reads it. */
function plainUuid(value: unknown): unknown {
  if (typeof value !== "string") return value;
  const digits = value.toLowerCase().replace(/^urn:uuid:|[{}-]/g, "");
  const parts = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/.exec(digits);
  return parts ? parts.slice(1).join("-") : value;
}

/** @see baseKeys */
export type BaseConfig = z.output<typeof baseKeys>;

/** A driver with its parsed config. */
export interface DriverConfig {
  /** Undefined if the config has errors. */
  readonly source: DriverSource | undefined;
  readonly base: BaseConfig;
}

/** Checks the `config:` value of a driver; `context.path` is the path of that value. */
export async function readDriverConfig(
  driver: DriverManifest | UnavailableDriver | HostedDriver,
  value: unknown,
  context: ValueContext,
): Promise<DriverConfig> {
  if (value === undefined) return await readParts(driver, {}, context);
  if (isMap(value)) {
    keepSecrets(value);
    return await readParts(driver, value, context);
  }
  if (isEmpty(value)) {
    const message = "expected the driver's settings below 'config:', found nothing; indent them " +
      "below it, or remove 'config:' (the official exporter silently drops the driver)";
    context.findings.warning(context.path, message);
    return await readParts(driver, {}, context);
  }
  const message = `expected a map of the driver's settings, found ${describeValue(value)}; ` +
    "write 'key: value' lines below 'config:'";
  context.findings.error(context.path, message);
  return { source: undefined, base: {} };
}

/** Keys whose text is itself a secret, not the path of one. */
const HOLDS_SECRET = new RegExp(`${SECRET_KEYS}$`, "i");

/** Hides passwords and other secrets in logs and errors from now on. */
function keepSecrets(value: YamlMap): void {
  for (const [key, inner] of Object.entries(value)) {
    if (isMap(inner)) keepSecrets(inner);
    else if (typeof inner === "string" && HOLDS_SECRET.test(key)) keepSecret(inner);
  }
}

async function readParts(
  driver: DriverManifest | UnavailableDriver | HostedDriver,
  value: YamlMap,
  context: ValueContext,
): Promise<DriverConfig> {
  const isElsewhere = !("load" in driver);
  const taken = isElsewhere ? [] : knownKeys(driver.config);
  const isBase = (key: string) => key in baseKeys.shape && !taken.includes(key);
  const entries = Object.entries(value);
  const base = Object.fromEntries(entries.filter(([key]) => isBase(key)));
  const rest = Object.fromEntries(entries.filter(([key]) => !isBase(key)));
  if (!isElsewhere && dropsUnknownKeys(driver.config)) warnOfUnknown(rest, taken, context);
  return {
    base: await validate(baseKeys, base, context) ?? {},
    source: isElsewhere ? driver : await parseConfig(driver, rest, context),
  };
}

function warnOfUnknown(value: YamlMap, known: readonly string[], context: ValueContext): void {
  const { findings, path, owner } = context;
  for (const key of Object.keys(value).filter((key) => !known.includes(key))) {
    const message = unknownKey(key, known, owner, ", which is ignored", outOfConfig(key));
    const isMistake = outOfConfig(key) !== undefined || nearest(key, known) !== undefined;
    if (isMistake) findings.within("entry").error([...path, key], message, "key");
    else findings.warning([...path, key], message, "key");
  }
}

/** What to do about a key of an entry that is found among the settings of its driver. */
function outOfConfig(key: string): string | undefined {
  return ENTRY_KEYS.includes(key)
    ? `move it out of 'config:', so that it is indented like it`
    : undefined;
}

async function parseConfig(
  manifest: DriverManifest,
  value: YamlMap,
  context: ValueContext,
): Promise<DriverSource | undefined> {
  try {
    const config: unknown = await validate(manifest.config, value, {
      ...context,
      remedy: outOfConfig,
    });
    return config === undefined ? undefined : await load(manifest, config, context);
  } catch (error) {
    // The schema of a custom driver may throw; the position helps its author.
    const message = `the schema of ${context.owner} failed on this config: ${messageOf(error)}`;
    context.findings.error(context.path, message);
    return undefined;
  }
}

/** Loads the code of a driver: only drivers that a config names cost time and memory. */
async function load(
  manifest: DriverManifest,
  config: unknown,
  { findings, path }: Pick<ValueContext, "findings" | "path">,
): Promise<DriverSource> {
  try {
    return { manifest, implementation: await manifest.load(), config };
  } catch (error) {
    const message = `Cannot load the driver ${manifest.type}: ${messageOf(error)}`;
    findings.warning(path, `${message}; the exporter starts with this driver degraded`);
    return { unavailable: new DriverError(message, { cause: error }), client: manifest.client };
  }
}
