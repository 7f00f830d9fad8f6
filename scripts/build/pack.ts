/**
 * Makes one file without `deno compile`: a shell script (`launcher.sh`) followed by a tar with the
 * staged program and Deno's own executable from npm.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { listFiles } from "./contents.ts";
import { ALONE, HEAP, PERMISSIONS, QUIET, VARIABLES } from "./flags.ts";
import { unpackPackage } from "./npm.ts";
import { run } from "./run.ts";
import type { Target } from "./targets.ts";

/** What to pack. */
export interface PackOptions {
  /** The folder with the staged program. */
  readonly app: string;
  readonly target: Target;
  readonly version: string;
  /** Time of the files inside, in seconds since 1970. */
  readonly time: number;
  /** Folder that keeps npm's tarballs between builds. */
  readonly cache: string;
  /** The file to write. */
  readonly out: string;
}

/** What each command in the folder `bin` passes before its own arguments. */
const COMMANDS = { j: 'j "$@"', jmp: '"$@"' };

/** Child processes of the program must not inherit the launcher's variables. */
const CLEAN = 'for (const name of ["DENO_DIR", "DENO_NO_UPDATE_CHECK"]) Deno.env.delete(name);\n';

/** Writes the self-extracting executable. */
export async function pack(options: PackOptions): Promise<void> {
  const { app, target, cache, out } = options;
  await placeRuntime(app, target, cache);
  const main = `${app}/main.js`;
  await Deno.writeTextFile(main, CLEAN + await Deno.readTextFile(main));
  const values = {
    VARIABLES: VARIABLES.join(" "),
    FLAGS: [QUIET, PERMISSIONS, ...ALONE, HEAP].join(" "),
  };
  await placeCommands(app, values);
  const payload = await archive(app, options);
  const files = await listFiles(app);
  const sizes = await Promise.all(files.map((path) => sizeOf(`${app}/${path}`)));
  const sum = createHash("sha256").update(payload).digest("hex");
  const launcher = await fillIn({
    VERSION: options.version,
    ARCH: target.arch,
    ID: sum.slice(0, 16),
    SUM: sum,
    NEED: String(Math.ceil(sizes.reduce((all, size) => all + size, 0) / 1024)),
    SIZES: files.map((path, index) => `-path */$id/${path} ! -size ${sizes[index]}c`).join(" -o "),
    PATHS: ["", ...foldersOf(files), "/cache", ...files.map((path) => `/${path}`)]
      .map((path) => `"$base/$id${path}"`).join(" "),
    ...values,
  });
  const file = new Uint8Array(launcher.length + payload.length);
  file.set(launcher);
  file.set(payload, launcher.length);
  await Deno.writeFile(out, file, { mode: 0o755 });
  await Deno.chmod(out, 0o755);
}

/** Deno's executable under our name, because `ps` and `top` show it. */
async function placeRuntime(app: string, target: Target, cache: string): Promise<void> {
  const version = Deno.version.deno;
  const integrity = target.runtimeIntegrity[version];
  if (!integrity) {
    throw new Error(
      `Cannot pack for ${target.arch}: expected the hash of ${target.runtime} ${version} in ` +
        "scripts/build/targets.ts, found none; add it, or build with the Deno of .dvmrc",
    );
  }
  const dir = await Deno.makeTempDir({ prefix: "jmp-runtime-" });
  try {
    await unpackPackage({ name: target.runtime, version, integrity }, dir, cache);
    await Deno.copyFile(`${dir}/deno`, `${app}/jmp`);
    await Deno.chmod(`${app}/jmp`, 0o755);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** The commands for hooks and shells of the program, which start it without the launcher's checks. */
async function placeCommands(app: string, values: Record<string, string>): Promise<void> {
  const text = await Deno.readTextFile(new URL("./command.sh", import.meta.url));
  await Deno.mkdir(`${app}/bin`);
  for (const [name, ARGUMENTS] of Object.entries(COMMANDS)) {
    const path = `${app}/bin/${name}`;
    await Deno.writeTextFile(path, withValues(text, { ...values, ARGUMENTS }));
    await Deno.chmod(path, 0o755);
  }
}

/** Makes the same bytes from the same contents, independent of builder and time. */
async function archive(app: string, { time }: PackOptions): Promise<Uint8Array> {
  const file = await Deno.makeTempFile({ prefix: "jmp-payload-", suffix: ".tar" });
  try {
    await run([
      "tar",
      "--create",
      `--file=${file}`,
      `--directory=${app}`,
      "--sort=name",
      `--mtime=@${time}`,
      "--owner=0",
      "--group=0",
      "--numeric-owner",
      "--mode=u=rwX,go=rX",
      ".",
    ]);
    await run(["gzip", "-9", "-n", file]);
    return await Deno.readFile(`${file}.gz`);
  } finally {
    await Promise.all([file, `${file}.gz`].map((path) => Deno.remove(path).catch(() => {})));
  }
}

/** Replaces the @NAMES@ that have a value. */
function withValues(text: string, values: Record<string, string>): string {
  return text.replace(/@([A-Z]+)@/g, (name, key) => values[key] ?? name);
}

/** Fills in the launcher; the payload's offset depends on the launcher's own length. */
async function fillIn(values: Record<string, string>): Promise<Uint8Array> {
  const text = await Deno.readTextFile(new URL("./launcher.sh", import.meta.url));
  const filled = withValues(text, values);
  const encode = (first: number) => new TextEncoder().encode(filled.replace("@FIRST@", `${first}`));
  let first = 0;
  while (encode(first).length + 1 !== first) first = encode(first).length + 1;
  return encode(first);
}

/** The folders that files are in, as `/src/driver`. */
function foldersOf(files: readonly string[]): readonly string[] {
  const folders = files.flatMap((path) => {
    const parts = path.split("/").slice(0, -1);
    return parts.map((_, index) => `/${parts.slice(0, index + 1).join("/")}`);
  });
  return [...new Set(folders)];
}

async function sizeOf(file: string): Promise<number> {
  return (await Deno.stat(file)).size;
}
