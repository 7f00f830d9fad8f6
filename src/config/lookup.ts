/** Exporter configs by name, in the folders where they are kept. @module */
import { join } from "node:path";
import { didYouMean } from "../text/nearest.ts";
import { configDirs, type Env, SYSTEM_DIR } from "./folders.ts";

/** An existing config. */
export interface ListedConfig {
  /** Its name for `--exporter`. */
  readonly alias: string;
  readonly file: string;
}

/**
 * The file of the config `alias`.
 *
 * @throws {Error} if the alias is not a plain name, or no config has it: the message lists the
 * paths that were tried and the configs that exist.
 */
export async function findConfig(
  alias: string,
  env: Env,
  systemDir: string = SYSTEM_DIR,
): Promise<string> {
  checkAlias(alias);
  const tried = configDirs(env, systemDir).map((dir) => join(dir, `${alias}.yaml`));
  for (const file of tried) {
    if (await isFile(file)) return file;
  }
  throw new Error(await notFound(alias, tried, env, systemDir));
}

/** All configs; one of the user hides one of the system with the same alias. */
export async function listConfigs(
  env: Env,
  systemDir: string = SYSTEM_DIR,
): Promise<ListedConfig[]> {
  const found = new Map<string, string>();
  for (const dir of configDirs(env, systemDir)) {
    for (const name of await fileNames(dir)) {
      const alias = name.slice(0, -".yaml".length);
      if (name.endsWith(".yaml") && alias && !found.has(alias)) found.set(alias, join(dir, name));
    }
  }
  return [...found].map(([alias, file]) => ({ alias, file }));
}

function checkAlias(alias: string): void {
  if (alias !== "" && alias !== "." && alias !== ".." && !/[/\\]/.test(alias)) return;
  throw new Error(
    `Cannot look up exporter '${alias}': expected a plain name such as 'default', found ` +
      `${alias === "" ? "an empty one" : "a path"}; use --exporter-config for a path`,
  );
}

async function notFound(alias: string, tried: string[], env: Env, dir: string): Promise<string> {
  const aliases = (await listConfigs(env, dir)).map((config) => config.alias);
  const known = aliases.length === 0
    ? "there are no exporter configs yet"
    : `there are: ${aliases.join(", ")}`;
  const twins = tried.map((file) => file.replace(/\.yaml$/, ".yml"));
  const twin = (await Promise.all(twins.map(isFile))).indexOf(true);
  const rename = twin < 0 ? "" : `; ${twins[twin]} exists: rename it to end in .yaml`;
  return `Cannot find exporter config '${alias}': expected ${tried.join(" or ")}, found neither; ` +
    known + (twin < 0 ? didYouMean(alias, aliases) : rename);
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (isAbsent(error)) return false;
    throw new Error(`Cannot look for ${path}: ${(error as Error).message}`, { cause: error });
  }
}

async function fileNames(dir: string): Promise<string[]> {
  try {
    const entries = await Array.fromAsync(Deno.readDir(dir));
    return entries.filter((entry) => !entry.isDirectory).map((entry) => entry.name).sort();
  } catch (error) {
    if (isAbsent(error)) return [];
    throw new Error(`Cannot list ${dir}: ${(error as Error).message}`, { cause: error });
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory;
}
