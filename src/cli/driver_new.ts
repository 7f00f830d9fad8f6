/** `jmp driver new`: writes a custom driver to start from. @module */
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Command } from "commander";
import { sdkTypes } from "../catalog/mod.ts";
import { driverDirs, SYSTEM_DIR } from "../config/folders.ts";
import { messageOf } from "../wire/error.ts";
import { CliError, print } from "./common.ts";
import { starter, starterEntry } from "./driver_starter.ts";
import { environment } from "./environment.ts";
import type { Finish } from "./finish.ts";

/** Dotted, with a class at the end. */
const NAME = /^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*\.[A-Z]\w*$/;
const MAX_NAME = 100;

/** Others may read drivers, but only their owner may change them, or the exporter refuses them. */
const FILE_MODE = 0o644;

/** The file with the types, beside the drivers. */
const TYPES = "jmp.d.ts";

/** Writes a driver file, and prints an entry for a config. */
export function driverNewCommand(finish: Finish): Command {
  return new Command("new")
    .description("write a custom driver to start from")
    .argument("<name>", "the type of the driver, such as acme.Relay")
    .option("--dir <folder>", "folder of the file; by default that of the user's drivers")
    .action(async (name: string, { dir }: { dir?: string }) => finish(await make(name, dir)));
}

/** @returns 0 @throws {CliError} if the name is not usable, or the file exists. */
async function make(type: string, dir: string | undefined): Promise<number> {
  checkName(type);
  const folder = dir === undefined ? defaultFolder() : resolve(dir);
  const name = type.split(".").at(-1)!.toLowerCase();
  const file = join(folder, `${name}.ts`);
  try {
    await mkdir(folder, { recursive: true });
    await writeNew(file, starter(type));
    await writeTypes(join(folder, TYPES));
  } catch (error) {
    throw error instanceof CliError
      ? error
      : new CliError(`Cannot write ${file}: ${messageOf(error)}`);
  }
  const isFound = driverDirs(environment()).includes(folder);
  print(`# ${file}: the driver, for 'deno check' with ${TYPES} beside it`);
  print(`# An entry for a config, which 'jmp check' checks:`);
  print(starterEntry(name, isFound ? type : file).trimEnd());
  return 0;
}

/** The folder whose drivers every config can name: for root that of the system. */
function defaultFolder(uid: number | null = Deno.uid()): string {
  const [own, system] = driverDirs(environment(), SYSTEM_DIR);
  return uid === 0 ? system! : own!;
}

function checkName(type: string): void {
  if (!NAME.test(type) || type.length > MAX_NAME) {
    throw new CliError(
      `expected a dotted name that ends with that of a class, such as acme.Relay, found '${type}'`,
    );
  }
  if (type.startsWith("jumpstarter")) {
    throw new CliError(
      `'${type}' is a name for official drivers; begin it with a name of your own`,
    );
  }
}

async function writeNew(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { flag: "wx", mode: FILE_MODE });
  } catch (error) {
    if ((error as { code?: unknown }).code !== "EEXIST") throw error;
    throw new CliError(`${file} exists already; choose another name, or another folder by --dir`);
  }
  await chmod(file, FILE_MODE);
}

/** Writes the types, also over those of another version, but not over another file. */
async function writeTypes(file: string): Promise<void> {
  const text = sdkTypes();
  const present = await readFile(file, "utf8").catch(() => undefined);
  const [mark] = text.split("\n");
  if (present === text || (present !== undefined && !present.startsWith(mark!))) return;
  await writeFile(file, text, { mode: FILE_MODE });
  await chmod(file, FILE_MODE);
}
