/** Temporary folders. @module */
import { dirname, isAbsolute } from "node:path";
import { firstPlace, type Place } from "./first_place.ts";
import { openFolder } from "./walk.ts";

/** Decides where the folder is. */
export interface TemporaryOptions {
  /**
   * Its content: sockets, whose paths must be short and which belong into `$XDG_RUNTIME_DIR`,
   * or data of any size.
   */
  readonly holds: "sockets" | "data";
  /** The beginning of its name: `jmp-`. */
  readonly prefix: string;
  /** Called for each folder that is passed over, with the reason. */
  readonly warn?: (message: string) => void;
  /** @default the process's environment */
  readonly env?: (name: string) => string | undefined;
  /** Where it may be if the variables name no usable folder. @default {@linkcode USUAL} */
  readonly usual?: readonly string[];
}

/** A folder that only its owner can enter; removed, with its content, at the end of its scope. */
export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string;
}

/** Without `/tmp`, as where the root of a container is read-only, the others often can be written. */
const USUAL = ["/tmp", "/var/tmp", "/dev/shm", "/run"];

/** Longest base in bytes, so that names fit into the 107 bytes of a socket's path. */
const MAX_BASE = 70;

/** The variables that name a folder. */
const VARIABLES = { sockets: ["XDG_RUNTIME_DIR", "TMPDIR"], data: ["TMPDIR"] } as const;

/**
 * Creates a folder in the first place that can be written and where no other user can rename or
 * remove it: `$XDG_RUNTIME_DIR` for sockets, `$TMPDIR`, `/tmp` and other usual places.
 *
 * @throws {Error} with the problem of each place, if none can be used.
 */
export function temporaryFolder(options: TemporaryOptions): TemporaryFolder {
  const { warn } = options;
  try {
    return firstPlace(places(options), (base) => makeIn(base, options), (problem, used) => {
      warn?.(`Cannot use a folder for temporary files: ${problem}; uses ${used} instead`);
    });
  } catch (error) {
    throw new Error(`Cannot make a temporary folder: ${(error as Error).message}`);
  }
}

function places(
  { holds, env = (name) => Deno.env.get(name), usual = USUAL }: TemporaryOptions,
): Place[] {
  const named = VARIABLES[holds].map((variable) => ({ path: env(variable) ?? "", variable }));
  return [...named.filter(({ path }) => path !== ""), ...usual.map((path) => ({ path }))];
}

function makeIn(base: string, { holds, prefix }: TemporaryOptions): TemporaryFolder {
  if (!isAbsolute(base)) throw new Error(`expected an absolute path, found '${base}'`);
  if (holds === "sockets") checkLength(base);
  using _checked = openFolder(base, { sticky: true });
  const path = create(base, prefix);
  const folder = { path, [Symbol.asyncDispose]: () => remove(path) };
  if (holds === "data") return folder;
  try {
    checkSockets(path);
    return folder;
  } catch (error) {
    Deno.removeSync(path, { recursive: true });
    throw error;
  }
}

function create(dir: string, prefix: string): string {
  try {
    return Deno.makeTempDirSync({ dir, prefix });
  } catch (error) {
    // Deno names no path in it.
    const reason = (error as Error).message.replace(/: tmpdir$/, "");
    throw new Error(`cannot create a folder in ${dir}: ${reason}`);
  }
}

function checkLength(base: string): void {
  const { length } = new TextEncoder().encode(base);
  if (length <= MAX_BASE) return;
  throw new Error(
    `expected at most ${MAX_BASE} bytes in the path of a folder for sockets, found ${length}: ${base}`,
  );
}

/** Some file systems have no sockets. @throws {Error} if this one has none. */
function checkSockets(folder: string): void {
  const path = `${folder}/check`;
  try {
    // Closing it removes the file.
    Deno.listen({ transport: "unix", path }).close();
  } catch (error) {
    throw new Error(`cannot create a socket in ${dirname(folder)}: ${(error as Error).message}`);
  }
}

/** Removes a folder that may have been removed already, by what cleans up `/tmp`. */
async function remove(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
