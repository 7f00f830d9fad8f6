/** One host process: the requests that it answers, and the children that it forks. @module */
import { constants } from "node:os";
import { dirname } from "node:path";
import { fulfilledWithin, withDeadline } from "../../base/deadline.ts";
import { temporaryFolder } from "../../files/temporary_folder.ts";
import { ConnectionFailed, DriverError } from "../../wire/error.ts";
import { eachMessage, messageLine } from "./json_lines.ts";
import { ChildOutput } from "./child_output.ts";
import { howEnded } from "../../subprocess/how_ended.ts";
import { writeSources } from "./sources.ts";

/** How a host is started. */
export interface HostOptions {
  /** The path of the Python interpreter. */
  readonly interpreter: string;
  /** Added to the exporter's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Called with what the host writes, such as warnings of packages as they are imported. */
  onLine(line: string): void;
}

/** How long the output of a host that has ended is read on, in ms. */
const REST_MS = 500;

/** A child of the host. */
export interface HostChild {
  /** The process that ends the child with all that it started, on SIGUSR1. */
  readonly keeper: number;
  /** Resolves with how the child ended: `exit code 1`. Never, if the host hangs. */
  readonly ended: Promise<string>;
  /** Whether it ended with its host. */
  hostHasEnded(): boolean;
  /** Tells that nothing of the child is left. */
  release(): void;
}

type Answer =
  | { readonly answer: number; readonly result: never }
  | { readonly answer: number; readonly error: string }
  | { readonly ended: string; readonly status: number };

interface Pending {
  resolve(result: never): void;
  reject(error: Error): void;
}

/** A running host. */
export class HostProcess {
  /** Resolves when the host has ended, with how: `signal SIGKILL`. */
  readonly ended: Promise<string>;
  readonly #options: HostOptions;
  readonly #process: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #output: ChildOutput;
  readonly #pending = new Map<number, Pending>();
  readonly #children = new Map<string, (how: string) => void>();
  readonly #over = new AbortController();
  #number = 0;
  #isRetired = false;

  /** @throws {DriverError} if the interpreter cannot be run. */
  static async start(options: HostOptions): Promise<HostProcess> {
    const folder = temporaryFolder({ holds: "data", prefix: "jmp-python-" });
    const remove = () => Promise.resolve(folder[Symbol.asyncDispose]()).catch(() => {});
    try {
      const host = new HostProcess(options, await writeSources(folder.path));
      // The host removes it at its end, also without the exporter; not if it was killed.
      host.ended.then(remove);
      return host;
    } catch (error) {
      await remove();
      throw new DriverError(`Cannot run ${options.interpreter}: ${(error as Error).message}`);
    }
  }

  private constructor(options: HostOptions, script: string) {
    this.#options = options;
    this.#output = new ChildOutput(options.onLine);
    this.#process = new Deno.Command(options.interpreter, {
      args: ["-u", script, String(Deno.pid)],
      env: { ...options.env, PATH: searchPath(options.interpreter) },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#input = this.#process.stdin.getWriter();
    this.ended = this.#watch();
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Aborted when the host has ended. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  /** Whether a request waits for its answer. */
  get busy(): boolean {
    return this.#pending.size > 0;
  }

  /**
   * Sends a request and waits for its answer.
   *
   * @throws {DriverError} if the host answers with an error, has ended, or takes longer than `ms`.
   */
  async request<T>(what: string, details: object, ms: number): Promise<T> {
    const number = ++this.#number;
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#pending.set(number, { resolve, reject });
    this.#input.write(messageLine({ do: what, number, ...details })).catch(() => {});
    const late = () => new ConnectionFailed(`no answer to ${what} within ${ms / 1000} s`);
    try {
      return await withDeadline(promise, { ms, late });
    } finally {
      this.#pending.delete(number);
    }
  }

  /**
   * Forks a child.
   *
   * @param lease its folders and limits; and whether to do nothing, and return undefined, if packages
   *   have changed since they were imported.
   * @throws {DriverError} as `request` does.
   */
  async fork(
    id: string,
    lease: { readonly ifUnchanged: boolean },
    ms: number,
  ): Promise<HostChild | undefined> {
    const { promise, resolve } = Promise.withResolvers<string>();
    this.#children.set(id, resolve);
    const release = () => {
      this.#children.delete(id);
      if (this.#isRetired) this.killWhenUnused();
    };
    try {
      const keeper = await this.request<number | null>("start", { id, ...lease }, ms);
      const hostHasEnded = () => this.#over.signal.aborted;
      if (keeper !== null) return { keeper, ended: promise, hostHasEnded, release };
      release();
      return undefined;
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Ends the host as soon as it has no children. */
  killWhenUnused(): void {
    this.#isRetired = true;
    if (this.#children.size === 0) this.kill();
  }

  /** Ends the host and its children. */
  kill(): void {
    try {
      this.#process.kill("SIGKILL");
    } catch {
      // It has ended.
    }
  }

  /** Lets the host end its children and itself. */
  async close(): Promise<void> {
    await this.#input.close().catch(() => {});
  }

  async #watch(): Promise<string> {
    const { stdout, stderr, status } = this.#process;
    const drained = this.#output.drain(stderr);
    const answered = eachMessage(stdout, (message) => this.#take(message)).catch((error) => {
      this.#options.onLine(`The Python host is ended: ${(error as Error).message}`);
      this.kill();
    });
    const how = howEnded(await status);
    await answered;
    const said = this.#output.lastLines.length > 0 ? `: ${this.#output.lastLines.at(-1)}` : "";
    const error = new ConnectionFailed(`the Python host ended with ${how}${said}`);
    this.#over.abort(error);
    for (const { reject } of this.#pending.values()) reject(error);
    for (const end of this.#children.values()) end(`${how} of its host`);
    await this.#input.close().catch(() => {});
    // What the host has started may hold its output open.
    if (!await fulfilledWithin(REST_MS, drained)) await stderr.cancel().catch(() => {});
    return how;
  }

  #take(message: Answer): void {
    if ("ended" in message) return this.#children.get(message.ended)?.(howOf(message.status));
    const pending = this.#pending.get(message.answer);
    if ("error" in message) pending?.reject(new DriverError(message.error));
    else pending?.resolve(message.result);
  }
}

/** @param status a code, or a negative number of a signal. */
function howOf(status: number): string {
  const [name = -status] = Object.entries(constants.signals).find(([, n]) => n === -status) ?? [];
  return howEnded({ code: status, signal: status < 0 ? name as Deno.Signal : null });
}

/**
 * PATH, with the folder of the interpreter at its end: packages install programs there that their
 * drivers start. Not at its beginning, or the `python3` of a driver's script would be another one.
 */
function searchPath(interpreter: string): string {
  return [Deno.env.get("PATH"), dirname(interpreter)].filter(Boolean).join(":");
}
