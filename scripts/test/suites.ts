/** The suites of the tests, and which files each of them has. @module */

/** Tests that need the same things and are run in the same way. */
export interface Suite {
  readonly name: string;
  /** Where its files are: a file is of the suite that has the innermost folder around it. */
  readonly folders: readonly string[];
  /** How much of the machine a file takes, as a number of light files. */
  readonly weight: number;
  /** How long a file may take before it counts as hung, in ms, on a machine that is busy. */
  readonly boundMs: number;
  /** Needs the official Python client. @default false */
  readonly official?: boolean;
  /** Needs official Python drivers. @default false */
  readonly drivers?: boolean;
}

const MINUTE_MS = 60_000;

/** What `deno task test` runs without arguments: it needs neither the official client nor a build. */
export const UNIT: Suite = {
  name: "unit",
  // The files that wait longest come first.
  folders: ["tests", "src", "scripts", "drivers"],
  weight: 1,
  boundMs: 5 * MINUTE_MS,
};

/** Files that keep a processor busy, or start a dozen processes, for minutes. */
const HEAVY = { weight: 3, boundMs: 20 * MINUTE_MS };

/** What `deno task test --all` runs; it begins with those whose files take longest. */
export const SUITES: readonly Suite[] = [
  { name: "hardware", folders: ["tests/hardware"], official: true, ...HEAVY },
  { name: "faults", folders: ["tests/faults"], official: true, ...HEAVY },
  { name: "attacks", folders: ["tests/attacks"], ...HEAVY },
  { name: "package", folders: ["tests/package"], official: true, ...HEAVY },
  {
    name: "networks",
    folders: ["tests/networks"],
    official: true,
    weight: 1,
    boundMs: 5 * MINUTE_MS,
  },
  { name: "h2spec", folders: ["tests/h2spec"], ...HEAVY },
  { name: "wheels", folders: ["tests/python/wheels"], drivers: true, ...HEAVY },
  { name: "python", folders: ["tests/python"], official: true, ...HEAVY },
  { name: "exec", folders: ["tests/exec/examples"], ...HEAVY },
  { name: "bench", folders: ["tests/bench"], official: true, ...HEAVY },
  { name: "official", folders: ["tests/official"], official: true, ...HEAVY },
  UNIT,
];

const root = new URL("../../", import.meta.url).pathname;

/** The suite that a file is of. */
export function suiteOf(file: string): Suite {
  const depth = ({ folders }: Suite) =>
    Math.max(-1, ...folders.filter((folder) => isWithin(file, folder)).map(({ length }) => length));
  return SUITES.reduce((best, suite) => depth(suite) > depth(best) ? suite : best, UNIT);
}

/**
 * The test files that `paths` name: files as they are, of folders those that end in `_test.ts`.
 *
 * @param paths relative to the working directory, or absolute.
 * @throws {Error} where a path names no test.
 */
export async function filesBelow(paths: readonly string[], base = root): Promise<string[]> {
  const files = new Set<string>();
  for (const path of paths) {
    const found = await testsAt(new URL(path, `file://${base}`).pathname);
    if (found.length === 0) {
      throw new Error(
        `Cannot test ${path}: expected a file or a folder with *_test.ts, found none`,
      );
    }
    for (const file of found) files.add(file.startsWith(root) ? file.slice(root.length) : file);
  }
  return [...files];
}

/** The files of a suite. */
export async function filesOf(suite: Suite): Promise<string[]> {
  return (await filesBelow(suite.folders)).filter((file) => suiteOf(file) === suite);
}

async function testsAt(path: string): Promise<string[]> {
  const info = await Deno.stat(path).catch(() => undefined);
  if (!info) return [];
  if (info.isFile) return [path];
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(path)) {
    const inner = `${path.replace(/\/$/, "")}/${name}`;
    if (isDirectory && !name.startsWith(".")) files.push(...await testsAt(inner));
    else if (name.endsWith("_test.ts")) files.push(inner);
  }
  return files.sort();
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
