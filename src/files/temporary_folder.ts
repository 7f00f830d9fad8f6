/** Temporary folders. @module */
import { firstPlace } from "./first_place.ts";
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
  /** Called for each folder that is passed over because another user could change it. */
  readonly warn?: (message: string) => void;
  /** @default the process's environment */
  readonly env?: (name: string) => string | undefined;
}

/** A folder that only its owner can enter; removed, with its content, at the end of its scope. */
export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string;
}

/** Longest base in bytes, so that names fit into the 107 bytes of a socket's path. */
const MAX_BASE = 70;

/**
 * Creates a folder in the first place where no other user can rename or remove it:
 * `$XDG_RUNTIME_DIR` for sockets, `$TMPDIR`, `/tmp`.
 *
 * @throws {Error} with the problem of each place, if none can be used.
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
