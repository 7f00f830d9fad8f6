/** Decides what an installation does, without doing it. @module */
import { basename, join } from "node:path";
import { type Env, sitePlaces } from "../../../python/places.ts";
import { TESTED_VERSION } from "../packages.ts";
import { type BaseInterpreter, findBase } from "./base.ts";
import { pipArguments, type PipSource } from "./pip.ts";
import { missingRequirements, type Requirement, specifier } from "./requirements.ts";
import { type Present, presentAt } from "./target.ts";
import { newestVersion } from "./wheels.ts";

/** What is to be installed, and where. */
export interface InstallOptions {
  readonly env: Env;
  /** The folder of the environment. */
  readonly target: string;
  /** Packages of the official project, without versions. */
  readonly official: Iterable<string>;
  readonly others: readonly Requirement[];
  /** The version of the official packages. */
  readonly version?: string | undefined;
  /** The interpreter that a new environment is made of. */
  readonly base?: string | undefined;
  readonly source: PipSource;
}

/** What an installation does. */
export interface Plan {
  readonly target: string;
  readonly present: Present;
  /** What a new environment is made of; undefined if the present one is completed. */
  readonly base?: BaseInterpreter;
  /** The version of the official packages, and why it is that one. */
  readonly version: string;
  readonly versionReason: string;
  /** In the order of their installation; empty if nothing is missing. */
  readonly requirements: readonly Requirement[];
}

/** @throws {Error} if it is impossible, with what to do */
export async function planInstall(options: InstallOptions): Promise<Plan> {
  const { env, target, official, others, base } = options;
  const present = await presentAt(target, env);
  if (present.state === "broken" && !sitePlaces(env).includes(target)) {
    throw new Error(`Cannot install in ${target}: ${present.reason}; remove it`);
  }
  const installed = present.state === "usable" ? present.installed : new Map<string, string>();
  const [version, versionReason] = await chooseVersion(options, installed.get("jumpstarter"));
  const requirements = missingRequirements({ official, others, version }, installed);
  const plan = { target, present, version, versionReason, requirements };
  return present.state === "usable" ? plan : { ...plan, base: await findBase(env, base) };
}

async function chooseVersion(
  { version, source: { wheels } }: InstallOptions,
  present: string | undefined,
): Promise<[version: string, reason: string]> {
  if (version !== undefined) return [version, "by --version"];
  if (present !== undefined) return [present, "as in the environment"];
  if (wheels === undefined) return [TESTED_VERSION, "which this program is tested with"];
  const newest = await newestVersion(wheels, "jumpstarter");
  if (newest !== undefined) return [newest, "the newest among the wheels"];
  throw new Error(`Cannot install from ${wheels}: expected a wheel of jumpstarter, found none`);
}

/** The command lines of a plan, for a person to read. */
export function commandsOf({ target, present, base, requirements }: Plan, source: PipSource) {
  const python = present.state === "usable" ? present.python : join(target, "bin/python");
  const pip = requirements.map((one) => [python, ...pipArguments([specifier(one)], source)]);
  return [...(base ? [venvCommand(base, target)] : []), ...pip];
}

/** The command line that makes an environment. */
export function venvCommand(
  { python }: BaseInterpreter,
  folder: string,
  target: string = folder,
): string[] {
  return [python, "-m", "venv", "--prompt", basename(target), folder];
}
