/** Imports the modules of driver types into hosts. @module */
import type { DriverError } from "../../wire/error.ts";
import type { PythonEnvironment } from "./environment.ts";
import type { HostProcess } from "./host_process.ts";
import { environmentProblem, type PythonException, pythonProblem } from "./problems.ts";

/** How long an import of all packages may take, which is long on a small machine, in ms. */
const IMPORT_MS = 180_000;

/** What an interpreter has. */
export interface Imported {
  /** The version of Python: `3.11.9`. */
  readonly python: string;
  /** The version of the official package. */
  readonly jumpstarter: string | undefined;
  /** The types that cannot be imported, and why. */
  readonly problems: ReadonlyMap<string, DriverError>;
}

interface Answer {
  readonly python: string;
  readonly jumpstarter?: string;
  readonly problem: PythonException | null;
  readonly types: Readonly<Record<string, PythonException>>;
}

/**
 * The types of all configs. One whose import ends or blocks the host is found by importing them one
 * at a time, and refused from then on.
 */
export class TypeImports {
  readonly #environment: PythonEnvironment;
  readonly #types = new Set<string>();
  readonly #refused = new Map<string, string>();
  #oneAtATime = false;
  /** The hosts into which everything was imported, with the number of types. */
  readonly #whole = new WeakMap<
    HostProcess,
    { readonly count: number; readonly found: Imported }
  >();

  constructor(environment: PythonEnvironment) {
    this.#environment = environment;
  }

  add(types: Iterable<string>): void {
    for (const type of types) this.#types.add(type);
  }

  /** The types that are refused, and why. */
  get refused(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#refused);
  }

  /** Grows with each failure of `into` after which it is worth another try with another host. */
  get lessons(): number {
    return this.#refused.size + Number(this.#oneAtATime);
  }

  /**
   * Imports all types that are not refused. Kills a host that does not answer. Types without
   * problems are imported once; the others may be mended.
   *
   * @throws {DriverError} if the interpreter or the official package cannot be used.
   */
  async into(host: HostProcess): Promise<Imported> {
    const count = this.#types.size;
    const whole = this.#whole.get(host);
    if (whole?.count === count) return whole.found;
    const problems = new Map<string, DriverError>();
    const note = (type: string, exception: PythonException) => {
      problems.set(type, pythonProblem(this.#environment, type, exception));
    };
    for (const [type, text] of this.#refused) note(type, { error: "ImportError", text });
    const types = [...this.#types].filter((type) => !this.#refused.has(type));
    const steps = this.#oneAtATime ? [[], ...types.map((type) => [type])] : [types];
    let answer: Answer;
    for (const step of steps) {
      answer = await this.#ask(host, step);
      for (const [type, exception] of Object.entries(answer.types)) note(type, exception);
    }
    this.#oneAtATime = false;
    const found = { python: answer!.python, jumpstarter: answer!.jumpstarter, problems };
    if (problems.size === 0) this.#whole.set(host, { count, found });
    return found;
  }

  async #ask(host: HostProcess, types: readonly string[]): Promise<Answer> {
    let answer;
    try {
      answer = await host.request<Answer>("import", { types }, IMPORT_MS);
    } catch (error) {
      this.#learn(types, (error as Error).message);
      host.kill();
      throw error;
    }
    if (answer.problem) throw environmentProblem(this.#environment, answer.problem);
    return answer;
  }

  #learn(types: readonly string[], why: string): void {
    const [type] = types;
    if (type !== undefined && this.#oneAtATime) {
      this.#refused.set(type, `its import failed: ${why}`);
    }
    this.#oneAtATime = true;
  }
}
