/** Checks which files may be in the program for a target. @module */
import type { Stage } from "./stage.ts";
import type { Target } from "./targets.ts";

/** `e_machine` of ELF files. */
const MACHINES: Readonly<Record<number, string>> = { 62: "x86_64", 183: "aarch64" };

/** Every file of a staged program, as sorted paths in it. */
export async function listFiles(app: string): Promise<readonly string[]> {
  const files: string[] = [];
  const walk = async (dir: string) => {
    for await (const { name, isDirectory } of Deno.readDir(`${app}/${dir}`)) {
      if (isDirectory) await walk(`${dir}${name}/`);
      else files.push(dir + name);
    }
  };
  await walk("");
  return files.sort();
}

/**
 * Checks that a staged program contains exactly the expected files.
 *
 * @returns its files
 * @throws {Error} naming each file that is unexpected, missing, or for another machine.
 */
export async function checkContents(
  { app, programs }: Pick<Stage, "app" | "programs">,
  target: Target,
): Promise<readonly string[]> {
  const files = await listFiles(app);
  const problems = [
    ...programs.filter((path) => !files.includes(path)).map((path) => `${path} is missing`),
    ...files.filter((path) => !programs.includes(path) && !/^addons\/[^/]+\.node$/.test(path))
      .map((path) => `${path} is no part of the program`),
  ];
  for (const path of files.filter((path) => path.endsWith(".node"))) {
    const machine = await machineOf(`${app}/${path}`);
    if (machine !== target.arch) problems.push(`${path} is for ${machine}`);
  }
  if (problems.length > 0) {
    throw new Error(`Cannot build for ${target.arch}: ${problems.join("; ")}`);
  }
  return files;
}

/** The machine that an ELF file is for. */
export async function machineOf(file: string): Promise<string> {
  const head = new Uint8Array(20);
  using opened = await Deno.open(file);
  await opened.read(head);
  const elf = head[0] === 0x7f && String.fromCharCode(...head.slice(1, 4)) === "ELF";
  const machine = new DataView(head.buffer).getUint16(18, true);
  return elf ? MACHINES[machine] ?? `machine ${machine}` : "no machine at all";
}
