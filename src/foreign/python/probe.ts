/** Asks an interpreter for its version and its packages, without importing any of them. @module */
import { z } from "zod";
import { lastLine } from "./output.ts";
import { boundedRun } from "../../subprocess/bounded_run.ts";

/** What an interpreter answers. */
export interface Facts {
  /** `sys.executable`: what to start, where the path was that of a wrapper. */
  readonly python: string;
  /** Of the interpreter: `[3, 11, 7]`. */
  readonly version: readonly number[];
  /** Of the package; null if it is missing. */
  readonly jumpstarter: string | null;
  /** Top-level modules, as far as they can be listed. */
  readonly modules: ReadonlySet<string>;
  /** The folders that modules are imported from. */
  readonly folders: readonly string[];
}

/** An interpreter that cannot be used; the message is the reason. */
class UnusableInterpreter extends Error {
  override name = "UnusableInterpreter";
}

/** The start of an interpreter at the boot of a small board takes several seconds. */
const BOUNDS = { ms: 10_000, maxBytes: 1024 * 1024 };

/** Begins the line of the answer: code that runs at each start of an interpreter may print, too. */
const MARK = "jmp-python:";

/**
 * The first statement keeps the working directory from being searched for modules. The rest must
 * be understood by all versions of Python, so that an old one can say that it is.
 */
const SCRIPT = `import sys
sys.path = [folder for folder in sys.path if folder]
import json, os
facts = {"python": sys.executable or "", "version": list(sys.version_info[:3]), "jumpstarter": None,
    "modules": [], "folders": sys.path}
if sys.version_info >= (3, 8):
    from importlib import metadata, util
    if util.find_spec("jumpstarter"):
        try:
            facts["jumpstarter"] = metadata.version("jumpstarter")
        except metadata.PackageNotFoundError:
            facts["jumpstarter"] = "unknown"
for folder in sys.path:
    if os.path.isdir(folder):
        facts["modules"] += [name.split(".")[0] for name in os.listdir(folder) if "-" not in name]
sys.stdout.write("\\n${MARK}" + json.dumps(facts) + "\\n")
`;

const HAS = `import sys
sys.path = [folder for folder in sys.path if folder]
from importlib import util
sys.stdout.write("\\n${MARK}" + ("true" if util.find_spec(sys.argv[1]) else "false") + "\\n")
`;

const PACKAGES = `import sys
sys.path = [folder for folder in sys.path if folder]
import json, re
from importlib import metadata
found = [(d.metadata["Name"], d.version) for d in metadata.distributions()]
names = {re.sub("[-_.]+", "-", name).lower(): version for name, version in found if name and version}
sys.stdout.write("\\n${MARK}" + json.dumps(names) + "\\n")
`;

const packages = z.record(z.string(), z.string());

const answers = z.object({
  python: z.string(),
  version: z.array(z.int()).length(3),
  jumpstarter: z.string().nullable(),
  modules: z.array(z.string()),
  folders: z.array(z.string()),
});

/** @throws {UnusableInterpreter} if it does not answer */
export async function askInterpreter(python: string): Promise<Facts> {
  const answer = answers.safeParse(await ask(python, ["-c", SCRIPT]));
  if (!answer.success) throw new UnusableInterpreter("expected the answer of a Python interpreter");
  const { data } = answer;
  return { ...data, python: data.python || python, modules: new Set(data.modules) };
}

/** The packages that an interpreter finds: version by name, whose spelling is that of PEP 503. */
export async function listPackages(python: string): Promise<ReadonlyMap<string, string>> {
  return new Map(Object.entries(packages.parse(await ask(python, ["-c", PACKAGES]))));
}

/** Whether an interpreter finds a top-level module. @throws {UnusableInterpreter} if it does not answer */
export async function findsModule(python: string, module: string): Promise<boolean> {
  return await ask(python, ["-c", HAS, module]) === true;
}

async function ask(python: string, args: string[]): Promise<unknown> {
  const { late, success, how, stdout, stderr } = await boundedRun(python, args, BOUNDS)
    .catch((error) => {
      throw new UnusableInterpreter(spawnProblem(error));
    });
  if (late) throw new UnusableInterpreter(`it did not answer within ${BOUNDS.ms / 1000} s`);
  const line = stdout.split("\n").findLast((line) => line.startsWith(MARK));
  if (success && line) {
    try {
      return JSON.parse(line.slice(MARK.length));
    } catch {
      // Cut, because it is longer than the bound.
    }
  }
  const said = lastLine(stderr) || lastLine(stdout);
  throw new UnusableInterpreter(
    `expected the answer of a Python interpreter, found ${how}${said && `: ${said}`}`,
  );
}

function spawnProblem(error: unknown): string {
  if (error instanceof Deno.errors.PermissionDenied) return "this user may not execute it";
  if (error instanceof Deno.errors.NotFound) return "the interpreter that it needs is missing";
  return `it cannot be started: ${(error as Error).message}`;
}
