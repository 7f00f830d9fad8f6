/** Runs pip. @module */
import { eachLine } from "../../../subprocess/lines.ts";
import { endGroup } from "../../../subprocess/group.ts";
import { howEnded } from "../../../subprocess/how_ended.ts";
import { cut } from "../../../text/cut.ts";

/** Where pip finds packages; without these, as its own settings and variables say. */
export interface PipSource {
  readonly indexUrl?: string | undefined;
  /** For the connections to the index: `http://host:port`. */
  readonly proxy?: string | undefined;
  /** A folder of wheels, which is the only source. */
  readonly wheels?: string | undefined;
}

/** The arguments of the interpreter that install something. */
export function pipArguments(
  specifiers: readonly string[],
  { indexUrl, proxy, wheels }: PipSource,
): string[] {
  return [
    ...["-m", "pip", "install", "--no-input", "--disable-pip-version-check"],
    ...["--progress-bar", "off"],
    ...(indexUrl === undefined ? [] : ["--index-url", indexUrl]),
    ...(proxy === undefined ? [] : ["--proxy", proxy]),
    ...(wheels === undefined ? [] : ["--no-index", "--find-links", wheels]),
    ...specifiers,
  ];
}

/** How to watch and end a program. */
export interface Watched {
  /** Ends the program with all that it started. */
  readonly signal: AbortSignal;
  onLine(line: string): void;
}

/** A program that failed, with its last lines. */
export class ProgramFailed extends Error {
  override name = "ProgramFailed";

  constructor(how: string, readonly lines: readonly string[]) {
    super(how);
  }
}

/** Lines of a failed program that are kept: pip says several times what went wrong. */
const KEPT_LINES = 12;

/** Longest line that is kept, in characters. */
const MAX_LINE = 300;

/** Time between SIGTERM and SIGKILL, in milliseconds: pip removes its temporary files. */
const GRACE_MS = 5_000;

/**
 * Runs a program to its end.
 *
 * @throws {ProgramFailed} if it fails.
 * @throws the reason of the signal if that aborts.
 */
export async function runWatched(
  [program, ...args]: readonly string[],
  { signal, onLine }: Watched,
): Promise<void> {
  signal.throwIfAborted();
  const lines: string[] = [];
  const say = (line: string) => {
    lines.push(cut(line, MAX_LINE));
    if (lines.length > KEPT_LINES) lines.shift();
    onLine(line);
  };
  const child = new Deno.Command(program!, {
    args,
    // Not in the group of the terminal, so that Ctrl-C reaches it in order, through the signal.
    detached: true,
    // A user's setting of pip that is refused in virtual environments.
    env: { PYTHONUNBUFFERED: "1", PIP_USER: "0" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let ending: Promise<unknown> | undefined;
  const end = () => ending = endGroup(child.pid, GRACE_MS);
  signal.addEventListener("abort", end);
  try {
    await Promise.all([eachLine(child.stdout, say), eachLine(child.stderr, say)]);
    const status = await child.status;
    await ending;
    signal.throwIfAborted();
    if (!status.success) throw new ProgramFailed(howEnded(status), lines);
  } finally {
    signal.removeEventListener("abort", end);
  }
}
