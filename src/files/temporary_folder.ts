/** Folders of random names, for one scope. @module */
import { firstPlace } from "./first_place.ts";
import { openFolder } from "./walk.ts";

/** Where the folder may be, and who hears why it is somewhere else. */
export interface TemporaryOptions {
  /**
   * What it is for: sockets, whose paths are short and which belong into `$XDG_RUNTIME_DIR`, or
   * data of any size.
   */
  readonly holds: "sockets" | "data";
  /** What its name begins with: `jmp-`. */
  readonly prefix: string;
  /** Called with each folder that is passed over because somebody else could change it. */
  readonly warn?: (message: string) => void;
  /** @default the process's environment */
  readonly env?: (name: string) => string | undefined;
}

/** A folder for its owner alone; it and all that is in it go with its scope. */
export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string;
}

/** A socket's path has at most 107 bytes: this much for what it is in, the rest for names. */
const MAX_BASE = 70;

/**
 * Makes a folder in the first place that can be had, and where nobody else can rename or remove
 * it: `$XDG_RUNTIME_DIR` for sockets, `$TMPDIR`, `/tmp`.
 *
 * @throws {Error} with what speaks against each, where none is left.
 */
export function temporaryFolder(options: TemporaryOptions): TemporaryFolder {
  const { prefix, warn } = options;
  try {
    return firstPlace(bases(options), (base) => makeIn(base, prefix), ({ message }, used) => {
      warn?.(`Cannot use a folder for temporary files: ${message}; uses ${used} instead`);
    });
  } catch (error) {
    throw new Error(`Cannot make a temporary folder: ${(error as Error).message}`);
  }
}

function bases({ holds, env = (name) => Deno.env.get(name) }: TemporaryOptions): string[] {
  const sockets = holds === "sockets";
  const named = [...(sockets ? [env("XDG_RUNTIME_DIR")] : []), env("TMPDIR"), "/tmp"];
  return named.filter((base) => base !== undefined)
    .filter((base) => base !== "" && !(sockets && base.length > MAX_BASE));
}

function makeIn(base: string, prefix: string): TemporaryFolder {
  using _checked = openFolder(base, { sticky: true });
  const path = Deno.makeTempDirSync({ dir: base, prefix });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}
