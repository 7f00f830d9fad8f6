/** The processes that a test starts, by a mark in their environment. @module */
import { hasMark, listProcesses } from "../../src/subprocess/processes.ts";

/** In the environment of all that is started, by whichever process. */
export const MARK = "JMP_TEST_LAB";

/** The names that hosts of Python drivers give to their processes. */
export type PythonProcessName = "jmp-python" | "jmp-keeper" | "jmp-drivers";

/** Marks what this process starts, until disposed; it finds `drivers/` as a Python package. */
export class Marked implements Disposable {
  readonly #id = crypto.randomUUID();
  readonly #env = {
    [MARK]: this.#id,
    PYTHONPATH: new URL("./drivers", import.meta.url).pathname,
  };

  constructor() {
    for (const [name, value] of Object.entries(this.#env)) Deno.env.set(name, value);
  }

  /** The environment of a process that is started otherwise. */
  get env(): Readonly<Record<string, string>> {
    return this.#env;
  }

  /** All of them that run. */
  async all(): Promise<number[]> {
    return await marked(this.#id);
  }

  /** Those with a name. */
  async named(name: PythonProcessName): Promise<number[]> {
    return named(await this.all(), name);
  }

  [Symbol.dispose](): void {
    for (const name of Object.keys(this.#env)) Deno.env.delete(name);
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
