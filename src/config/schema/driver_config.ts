/** Reads the `config:` of a driver entry. @module */
import { z } from "zod";
import type { DriverManifest } from "../../driver/manifest.ts";
import type { DriverSource, UnavailableDriver } from "../../tree/entry.ts";
import { keepSecret } from "../../text/secrets.ts";
import { DriverError, InvalidArgument, messageOf } from "../../wire/error.ts";
import { knownKeys } from "./known_keys.ts";
import { validate, type ValueContext } from "./validate.ts";
import { isMap, type YamlMap } from "../yaml/map.ts";
import { describeValue } from "../../text/value.ts";
import { SECRET_KEYS } from "../yaml/secrets.ts";

/** Keys that every official driver accepts in `config:`. */
const baseKeys = z.object({
  description: z.string().nullish(),
  methods_description: z.record(z.string(), z.string()).optional(),
  labels: z.record(z.string(), z.string()).optional(),
  uuid: z.guid().optional(),
  // Accepted for existing files, and ignored: records are filtered where they are shown.
  log_level: z.union([z.enum(["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]), z.int()])
    .optional(),
});

/** @see baseKeys */
export type BaseConfig = z.output<typeof baseKeys>;

/** A driver with its parsed config. */
export interface DriverConfig {
  readonly source: DriverSource;
  readonly base: BaseConfig;
}

/** The source of an entry with errors, which stays in the tree and is never opened. */
export const BROKEN: UnavailableDriver = {
  unavailable: new InvalidArgument("the config of this driver has errors"),
};

/** Checks the `config:` value of a driver; `context.path` is the path of that value. */
export async function readDriverConfig(
  driver: DriverManifest | UnavailableDriver,
  value: unknown,
  context: ValueContext,
): Promise<DriverConfig> {
  if (value === undefined) return await readParts(driver, {}, context);
  if (isMap(value)) {
    keepSecrets(value);
    return await readParts(driver, value, context);
  }
  const message = value === null
    ? "expected the driver's settings below 'config:', found nothing; indent them below it, " +
      "or remove 'config:' (the official exporter silently drops the driver)"
    : `expected a map of the driver's settings, found ${describeValue(value)}; ` +
      "write 'key: value' lines below 'config:'";
  context.findings.error(context.path, message);
  return { source: BROKEN, base: {} };
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
  driver: DriverManifest | UnavailableDriver,
  value: YamlMap,
  context: ValueContext,
): Promise<DriverConfig> {
  const isUnavailable = "unavailable" in driver;
  const taken = isUnavailable ? [] : knownKeys(driver.config);
  const isBase = (key: string) => key in baseKeys.shape && !taken.includes(key);
  const entries = Object.entries(value);
  const base = Object.fromEntries(entries.filter(([key]) => isBase(key)));
  const rest = Object.fromEntries(entries.filter(([key]) => !isBase(key)));
  return {
    base: await validate(baseKeys, base, context) ?? {},
    source: isUnavailable ? driver : await parseConfig(driver, rest, context),
  };
}

async function parseConfig(
  manifest: DriverManifest,
  value: YamlMap,
  context: ValueContext,
): Promise<DriverSource> {
  try {
    const config: unknown = await validate(manifest.config, value, context);
    return config === undefined ? BROKEN : await load(manifest, config);
  } catch (error) {
    // The schema of a custom driver may throw; the position helps its author.
    const message = `the schema of ${context.owner} failed on this config: ${messageOf(error)}`;
    context.findings.error(context.path, message);
    return BROKEN;
  }
}

/** Loads the code of a driver: only drivers that a config names cost time and memory. */
async function load(manifest: DriverManifest, config: unknown): Promise<DriverSource> {
  try {
    return { manifest, implementation: await manifest.load(), config };
  } catch (error) {
    const message = `Cannot load the driver ${manifest.type}: ${messageOf(error)}`;
    return { unavailable: new DriverError(message, { cause: error }), client: manifest.client };
  }
}
