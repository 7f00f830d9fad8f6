/** The processes and temporary files of a test. @module */
import { hasMark, listProcesses } from "../../src/subprocess/processes.ts";

/** In the environment of all that is started, by whichever process. */
export const MARK = "JMP_TEST_LAB";

/** The names that hosts of Python drivers give to their processes. */
export type PythonProcessName = "jmp-python" | "jmp-keeper" | "jmp-drivers";

/**
 * Marks what this process starts, until disposed, and gives it a folder for temporary files and
 * sockets. Python finds the modules in `drivers/`.
 */
export class Marked implements Disposable {
  readonly #id = crypto.randomUUID();
  readonly #folder = Deno.makeTempDirSync({ prefix: "jmp-lab-" });
  readonly #former = new Map<string, string | undefined>();

  /** @param more variables of the environment */
  constructor(more: Readonly<Record<string, string>> = {}) {
    const env = {
      [MARK]: this.#id,
      PYTHONPATH: new URL("./drivers", import.meta.url).pathname,
      TMPDIR: this.#folder,
      XDG_RUNTIME_DIR: this.#folder,
      ...more,
    };
    for (const [name, value] of Object.entries(env)) {
      this.#former.set(name, Deno.env.get(name));
      Deno.env.set(name, value);
    }
  }

  /** The temporary files and folders that are there now. */
  files(): string[] {
    return Array.from(Deno.readDirSync(this.#folder), ({ name }) => name);
  }

  /** All of them that run. */
  async all(): Promise<number[]> {
    return await marked(this.#id);
  }

  /** Those with a name. */
  async named(name: PythonProcessName): Promise<number[]> {
    return named(await this.all(), name);
  }

  /** The processes of the host with this command line, also those without the mark. */
  async commands(line: string): Promise<number[]> {
    const found = [];
    for (const { pid } of await listProcesses()) {
      const words = await Deno.readTextFile(`/proc/${pid}/cmdline`).catch(() => "");
      if (words.replaceAll("\0", " ").trim() === line) found.push(pid);
    }
    return found;
  }

  [Symbol.dispose](): void {
    for (const [name, value] of this.#former) {
      if (value === undefined) Deno.env.delete(name);
      else Deno.env.set(name, value);
    }
    Deno.removeSync(this.#folder, { recursive: true });
  }
}

/** The processes with the mark `id`. */
export async function marked(id: string): Promise<number[]> {
  const found = [];
  for (const { pid } of await listProcesses()) {
    if (await hasMark(pid, `${MARK}=${id}`)) found.push(pid);
  }
  return found;
}

/** Those of `pids` with a name. */
export function named(pids: readonly number[], name: string): number[] {
  return pids.filter((pid) => {
    try {
      return Deno.readTextFileSync(`/proc/${pid}/comm`).trim() === name;
    } catch {
      return false;
    }
  });
}
