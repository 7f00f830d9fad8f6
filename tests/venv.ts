// deno-lint-ignore-file no-console -- a command prints for its user.
/**
 * Python environments of the tests, made on first use and kept in `.cache/` beside the sources.
 *
 * @module
 */

const root = new URL("../", import.meta.url).pathname;

/** What an environment is made of. */
export interface Venv {
  /** Begins the name of its folder. */
  readonly name: string;
  /** What is installed, for the message. */
  readonly what: string;
  /** Path of a pip requirements file: another text makes another environment. */
  readonly requirements: string;
}

/** The `bin` folder of an environment, which is made if necessary by the Python `JMP_TEST_PYTHON`. */
export async function venv({ name, what, requirements }: Venv): Promise<string> {
  const key = (await digest(await Deno.readTextFile(requirements))).slice(0, 12);
  const dir = `${root}.cache/${name}-${key}`;
  // A mark shows that the environment is complete, because one cannot be moved into place.
  const mark = `${dir}/complete`;
  if (await exists(mark)) return `${dir}/bin`;
  console.error(`Installing ${what} for the tests…`);
  await Deno.remove(dir, { recursive: true }).catch(() => {});
  await run(Deno.env.get("JMP_TEST_PYTHON") ?? "python3", "-m", "venv", dir);
  await run(`${dir}/bin/python`, "-m", "pip", "install", "--quiet", "-r", requirements);
  await Deno.writeTextFile(mark, "");
  return `${dir}/bin`;
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

async function run(program: string, ...args: string[]): Promise<void> {
  const command = new Deno.Command(program, { args, stdout: "inherit", stderr: "inherit" });
  const { success, code } = await command.spawn().status;
  if (!success) {
    throw new Error(
      `Cannot make a Python environment for the tests: ${program} exited with ${code}`,
    );
  }
}

async function digest(text: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
