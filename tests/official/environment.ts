// deno-lint-ignore-file no-console -- a command prints for its user.
/**
 * The official Python packages 0.9.0 in a virtual environment, made on first use and kept in
 * `.cache/` beside the sources.
 *
 * @module
 */

const here = new URL("./", import.meta.url).pathname;
const root = new URL("../../", import.meta.url).pathname;

/** The place of the official programs. */
export interface OfficialClient {
  /** Holds `python`, `jmp` and `j`. */
  readonly bin: string;
}

/** The environment, made if necessary. */
export async function officialClient(): Promise<OfficialClient> {
  const requirements = await Deno.readTextFile(`${here}requirements.txt`);
  const key = (await digest(requirements)).slice(0, 12);
  const dir = `${root}.cache/official-${key}`;
  const client = { bin: `${dir}/bin` };
  // A mark shows that the environment is complete, because one cannot be moved into place.
  const mark = `${dir}/complete`;
  if (await exists(mark)) return client;
  console.error("Installing the official client 0.9.0 for the tests…");
  await Deno.remove(dir, { recursive: true }).catch(() => {});
  await run(python(), "-m", "venv", dir);
  await run(
    `${dir}/bin/python`,
    "-m",
    "pip",
    "install",
    "--quiet",
    "-r",
    `${here}requirements.txt`,
  );
  await Deno.writeTextFile(mark, "");
  return client;
}

function python(): string {
  return Deno.env.get("JMP_TEST_PYTHON") ?? "python3";
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

async function run(program: string, ...args: string[]): Promise<void> {
  const command = new Deno.Command(program, { args, stdout: "inherit", stderr: "inherit" });
  const { success, code } = await command.spawn().status;
  if (!success) {
    throw new Error(`Cannot install the official client: ${program} exited with ${code}`);
  }
}

async function digest(text: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
