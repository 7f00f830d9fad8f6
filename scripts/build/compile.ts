/** Makes one file by `deno compile`. @module */
import { ALONE, HEAP, PERMISSIONS } from "./flags.ts";
import { attempt } from "./run.ts";
import type { Target } from "./targets.ts";

/** What to compile. */
export interface CompileOptions {
  /** The folder with the staged program. */
  readonly app: string;
  readonly programs: readonly string[];
  readonly target: Target;
  /** The file to write. */
  readonly out: string;
}

/** The outcome. */
export interface Compiled {
  /** Where the base executable came from, in words. */
  readonly base: string;
  /** The tool's error output; undefined when the file was written. */
  readonly failure: string | undefined;
  /** The tool's list of what it embedded. */
  readonly listing: string;
}

/** Longest download of the base executable, in ms. */
const DOWNLOAD_MS = 300_000;

/**
 * Compiles the staged program. Its base (`denort`) comes from DENORT_BIN, else from
 * Deno's cache, else Deno downloads it.
 */
export async function compile({ app, programs, target, out }: CompileOptions): Promise<Compiled> {
  const native = await exists(`${app}/addons`) ? ["addons"] : [];
  const include = [...programs.slice(1), ...native].flatMap((path) => ["--include", path]);
  const command = [
    Deno.execPath(),
    "compile",
    PERMISSIONS,
    "--no-check",
    ...ALONE,
    HEAP,
    "--app-name=jmp",
    `--target=${target.triple}`,
    ...include,
    `--output=${out}`,
    "main.js",
  ];
  const base = await baseOf(target);
  try {
    const { success, stdout, stderr } = await attempt(command, {
      cwd: app,
      timeoutMs: DOWNLOAD_MS,
    });
    const listing = stdout + stderr;
    return { base, listing, failure: success ? undefined : reasonIn(listing) };
  } finally {
    await removeRemains(out);
  }
}

async function baseOf(target: Target): Promise<string> {
  const given = Deno.env.get("DENORT_BIN");
  if (given) return `DENORT_BIN (${given})`;
  const kept = `dl/release/v${Deno.version.deno}/denort-${target.triple}.zip`;
  const dir = Deno.env.get("DENO_DIR") ??
    `${Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME")}/.cache`}/deno`;
  return await exists(`${dir}/${kept}`) ? `Deno's cache (${dir}/${kept})` : "Deno's download";
}

/** The lines with causes, without stack traces. */
function reasonIn(listing: string): string {
  const lines = listing.split("\n").map((line) => line.trim());
  const causes = lines.filter((line) => /^(error:|\d+: (?!<unknown>))/.test(line));
  return causes.join(" ") || listing.trim() || "it took too long";
}

async function removeRemains(out: string): Promise<void> {
  const at = out.lastIndexOf("/");
  const name = out.slice(at + 1);
  for await (const entry of Deno.readDir(out.slice(0, at))) {
    if (entry.name.startsWith(`${name}.tmp-`)) {
      await Deno.remove(`${out.slice(0, at + 1)}${entry.name}`);
    }
  }
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
