/**
 * The commands `j` and `jmp` on the PATH of hooks and shells, which then need no other client.
 *
 * @module
 */
import { shellWord } from "../text/shell_word.ts";
import {
  type TemporaryFolder,
  temporaryFolder,
  type TemporaryOptions,
} from "./temporary_folder.ts";

const NAMES = ["j", "jmp"] as const;

/** How this program is started again. */
export interface ProgramCommands {
  /** A folder that has both commands already; it may be removed while the program runs. */
  readonly folder?: string;
  /** The words before the arguments, by the name of the command; missing if they are not known. */
  readonly lines?: Readonly<Record<typeof NAMES[number], readonly string[]>>;
}

/** Folders with the commands, the fastest first; disposing removes those that were created. */
export interface CommandFolders extends AsyncDisposable {
  readonly folders: readonly string[];
}

/** Creates the commands. @throws {Error} if there is no place for them. */
export function openCommands(
  { folder, lines }: ProgramCommands,
  options: Pick<TemporaryOptions, "warn"> = {},
): CommandFolders {
  const made = lines && makeCommands(lines, options);
  const folders = [folder, made?.path].filter((path) => path !== undefined);
  return { folders, [Symbol.asyncDispose]: async () => await made?.[Symbol.asyncDispose]() };
}

function makeCommands(
  lines: Required<ProgramCommands>["lines"],
  options: Pick<TemporaryOptions, "warn">,
): TemporaryFolder {
  const made = temporaryFolder({ holds: "data", prefix: "jmp-commands-", ...options });
  for (const name of NAMES) {
    const [program, ...args] = lines[name];
    const path = `${made.path}/${name}`;
    // A link works where the file system is mounted noexec, and needs no shell.
    if (args.length === 0) Deno.symlinkSync(program!, path);
    else Deno.writeTextFileSync(path, scriptOf(lines[name]), { mode: 0o755 });
  }
  return made;
}

function scriptOf(line: readonly string[]): string {
  return `#!/bin/sh\nexec ${line.map(shellWord).join(" ")} "$@"\n`;
}

/** The PATH of shells if it is not set. */
const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * Appends folders to PATH, because another `j` of the site has the commands of its own drivers; puts
 * them first if JMP_J is `native`.
 */
export function pathWith(
  folders: readonly string[],
  { PATH, JMP_J }: Readonly<Record<string, string | undefined>>,
): string {
  const own = [PATH || DEFAULT_PATH];
  return (JMP_J === "native" ? [...folders, ...own] : [...own, ...folders]).join(":");
}
