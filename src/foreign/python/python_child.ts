/** Starts the Python drivers of one exporter for one lease, in a child of the warm interpreter. @module */
import { Deadline, fulfilledWithin, withDeadline } from "../../base/deadline.ts";
import { sleep } from "../../base/sleep.ts";
import type { HostedRow } from "../../tree/hosted.ts";
import type { Identity } from "../../tree/uuid.ts";
import { DriverError } from "../../wire/error.ts";
import type { Launch, Launched, ProcessEnd } from "../process/launched.ts";
import type { HostChild } from "./host_process.ts";
import { type Control, LeasePlace } from "./lease_place.ts";
import { ChildOutput } from "./child_output.ts";
import { type PythonException, pythonProblem } from "./problems.ts";
import type { WarmPython } from "./warm_python.ts";

/** What a child serves. */
export interface PythonChildOptions {
  /** The exporter's. */
  readonly identity: Identity;
  /** The text of the config file, so that PyYAML reads it as it does for the official exporter. */
  readonly yaml: string;
  /** The entries to build: their names from the root, and their value as this program read it. */
  readonly entries: readonly PythonEntry[];
  /** The uuids of drivers, by path, that are not derived from the path. */
  readonly uuids?: Readonly<Record<string, string>>;
  /** Drivers of the exporter that Python drivers have as children or refer to. */
  readonly standIns?: readonly StandIn[];
  /** The path of the Unix socket where the exporter serves the stand-ins' drivers. */
  readonly parentSocket?: string;
  readonly limits?: PythonLimits;
  /** How long the child may take until it serves, in ms. @default 30_000 */
  readonly startMs?: number;
  /** Called with each record of Python's logging. */
  onRecord(record: PythonRecord): void;
  /** Called with each line that the child and what it starts write; with some, if there are many. */
  onLine(line: string): void;
}

/** An entry of the config. */
export interface PythonEntry {
  /** `["board", "power"]` for the entry `power` below `board`. */
  readonly path: readonly string[];
  /** JSON; used where PyYAML finds no such entry in the text. */
  readonly value: unknown;
}

/** A driver of the exporter in the tree of the child. */
export interface StandIn {
  /** Names joined by dots; of one name, if a `ref:` is to find it. */
  readonly path: string;
  readonly uuid: string;
  /** Its values are attributes of the stand-in. */
  readonly config: Readonly<Record<string, unknown>>;
  /** The client class for the report. */
  readonly client?: string;
}

/** Limits of a child with all that it starts. */
export interface PythonLimits {
  /** In bytes. */
  readonly memory?: number;
  /** In percent of one processor; only where the system delegates a control group. */
  readonly cpu?: number;
}

/** A record of Python's logging. */
export interface PythonRecord {
  /** The path of the driver, if a driver's logger has written it. */
  readonly path: string | null;
  readonly level: "debug" | "info" | "warning" | "error" | "critical";
  readonly message: string;
  /** The name of the Python logger: `driver.board.power`, `httpx`. */
  readonly logger: string;
  /** In seconds since 1970. */
  readonly time: number;
}

/** What a child sends. */
type Message =
  | { readonly pid: number }
  | { readonly log: PythonRecord }
  | { readonly leftOut: number }
  | Ready;

interface Ready {
  readonly rows: readonly HostedRow[];
  readonly problems: Readonly<Record<string, PythonException & { readonly type: string | null }>>;
}

const START_MS = 30_000;

/** How long what is left of a child may take to end after SIGTERM to its keeper, in ms. */
const KILL_MS = 3_000;

/** How long the host may take to tell how a child has ended, in ms. */
const TELL_MS = 1_000;

/** The function that starts a child; each call starts another one. */
export function launchPython(warm: WarmPython, options: PythonChildOptions): Launch {
  return async (signal) => {
    signal.throwIfAborted();
    const { startMs: ms = START_MS, limits = {} } = options;
    const late = () =>
      new DriverError(`the Python drivers took longer than ${ms / 1000} s to start`);
    using deadline = new Deadline({ ms, signal, late });
    const place = new LeasePlace();
    const { folder, temporary } = place;
    const starting = warm.fork({ folder, temporary, limits })
      .then((child) => new PythonChild(child, place, options));
    try {
      const child = await withDeadline(starting, deadline);
      return await child.start(warm, deadline.signal);
    } catch (error) {
      starting.then((child) => child.kill(), () => place[Symbol.asyncDispose]());
      await fulfilledWithin(KILL_MS, starting.then((child) => child.ended)).catch(() => {});
      throw error;
    }
  };
}

/** A forked child. */
class PythonChild {
  readonly ended: Promise<ProcessEnd>;
  readonly #child: HostChild;
  readonly #place: LeasePlace;
  readonly #options: PythonChildOptions;
  readonly #output: ChildOutput;
  #control: Control | undefined;
  #pid = 0;

  constructor(child: HostChild, place: LeasePlace, options: PythonChildOptions) {
    this.#child = child;
    this.#place = place;
    this.#options = options;
    this.#output = new ChildOutput(options.onLine);
    this.ended = this.#watch();
  }

  /** @throws {DriverError} if it ends before it serves; the signal's reason. */
  async start({ environment, refused }: WarmPython, signal: AbortSignal): Promise<Launched> {
    const { rows, problems } = await this.#ready(refused, signal);
    const reasons = Object.entries(problems).map(([path, exception]) => {
      return [path, pythonProblem(environment, exception.type ?? undefined, exception)] as const;
    });
    return {
      pid: this.#pid,
      socket: `${this.#place.folder}/serve`,
      rows,
      problems: new Map(reasons),
      ended: this.ended,
      close: (graceMs) => this.close(graceMs),
    };
  }

  async #ready(refused: object, signal: AbortSignal): Promise<Ready> {
    const { promise, resolve, reject } = Promise.withResolvers<Ready>();
    promise.catch(() => {});
    this.ended.then((end) => reject(endedTooSoon(end)));
    const called = this.#place.control(signal).then((control) => {
      this.#control = control;
      const request = { ...this.#request(), refused };
      void control.each((message) => this.#take(message, request, resolve));
    });
    return await withDeadline(called.then(() => promise), { signal });
  }

  #request(): object {
    const { identity, yaml, entries, uuids, standIns, parentSocket } = this.#options;
    return { identity, yaml, entries, uuids, standIns, parentSocket };
  }

  #take(message: Message, request: object, onReady: (ready: Ready) => void): void {
    if ("rows" in message) onReady(message);
    else if ("log" in message) this.#options.onRecord(message.log);
    else if ("leftOut" in message) this.#options.onRecord(leftOut(message.leftOut));
    else {
      this.#pid = message.pid;
      this.#control!.send(request);
    }
  }

  /** @see Launched */
  async close(graceMs: number): Promise<void> {
    this.#control?.send({ close: true });
    if (!await fulfilledWithin(graceMs, this.ended)) await this.kill();
  }

  /** Ends the child and all that it started, without closing drivers. */
  async kill(): Promise<void> {
    for (const signal of ["SIGTERM", "SIGKILL"] as const) {
      try {
        Deno.kill(this.#child.keeper, signal);
      } catch {
        // It has ended.
      }
      if (await fulfilledWithin(KILL_MS, this.ended)) return;
    }
  }

  async #watch(): Promise<ProcessEnd> {
    const { ended, release } = this.#child;
    const failed = new AbortController();
    ended.then(() => sleep(TELL_MS)).then(() => failed.abort());
    const output = await this.#place.output(failed.signal).catch(() => undefined);
    if (output) await this.#output.drain(output);
    const isTold = await fulfilledWithin(TELL_MS, ended);
    release();
    await this.#place[Symbol.asyncDispose]();
    const how = isTold ? await ended : "an exit code that its host does not tell";
    return { how, lastLines: this.#output.lastLines };
  }
}

function endedTooSoon({ how, lastLines }: ProcessEnd): DriverError {
  const said = lastLines.length > 0 ? `; its last lines: ${lastLines.join(" | ")}` : "";
  return new DriverError(`the Python drivers ended with ${how} before they served${said}`);
}

function leftOut(count: number): PythonRecord {
  const message = `${count} records were left out, because they came too fast`;
  return { path: null, level: "warning", message, logger: "jmp", time: Date.now() / 1000 };
}
