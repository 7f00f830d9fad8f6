/** A child of the warm interpreter, which serves the Python drivers of one exporter for one lease. @module */
import { fulfilledWithin, withDeadline } from "../../base/deadline.ts";
import { sleep } from "../../base/sleep.ts";
import type { HostedRow } from "../../tree/hosted.ts";
import { DriverError } from "../../wire/error.ts";
import type { Launched, ProcessEnd } from "../process/launched.ts";
import type { PythonChildOptions, PythonRecord } from "./child_options.ts";
import { ChildOutput } from "./child_output.ts";
import type { HostChild } from "./host_process.ts";
import type { Control, LeasePlace } from "./lease_place.ts";
import { type PythonException, pythonProblem } from "./problems.ts";
import { DriverFails, type Step, type StepLimit } from "./step_limit.ts";
import { quoteLines } from "../last_lines.ts";
import { sendSignal } from "../../subprocess/processes.ts";
import type { WarmPython } from "./warm_python.ts";

/** What a child sends. */
type Message =
  | { readonly pid: number }
  | { readonly log: PythonRecord }
  | { readonly leftOut: number }
  | Step
  | Ready;

interface Ready {
  readonly rows: readonly HostedRow[];
  readonly problems: Readonly<Record<string, PythonException & { readonly type: string | null }>>;
}

/** How long what is left of a child may take to end after a signal to its keeper, in ms. */
export const KILL_MS = 3_000;

/** How long the host may take to tell how a child has ended, in ms. */
const TELL_MS = 1_000;

/** The host ended while a child started; another host can start one. */
export class HostHasEnded extends DriverError {
  override name = "HostHasEnded";

  constructor(how: string) {
    super(`the Python drivers ended with ${how} before they served`);
  }
}

/** A forked child. */
export class PythonChild {
  readonly ended: Promise<ProcessEnd>;
  readonly #child: HostChild;
  readonly #place: LeasePlace;
  readonly #options: PythonChildOptions;
  readonly #output: ChildOutput;
  #control: Control | undefined;
  /** Resolves when all messages were read. */
  #read: Promise<void> = Promise.resolve();
  #pid = 0;
  #limit: StepLimit | undefined;
  /** What it does, while it starts or closes. */
  #step: Step | undefined;

  constructor(child: HostChild, place: LeasePlace, options: PythonChildOptions) {
    this.#child = child;
    this.#place = place;
    this.#options = options;
    this.#output = new ChildOutput(options.onLine);
    this.ended = this.#watch();
  }

  /** @throws {DriverError} if it ends before it serves; the signal's reason. */
  async start({ environment, refused }: WarmPython, limit: StepLimit): Promise<Launched> {
    this.#limit = limit;
    const { rows, problems } = await this.#ready(refused, limit.signal);
    this.#step = undefined;
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
    const called = this.#place.control(signal).then((control) => {
      this.#control = control;
      const request = { ...this.#request(), refused };
      this.#read = control.each((message) => this.#take(message, request, resolve));
    });
    this.ended.then(async (end) => {
      await fulfilledWithin(TELL_MS, this.#read);
      reject(this.#endedTooSoon(end));
    });
    return await withDeadline(called.then(() => promise), { signal });
  }

  /** Blames the driver that was being made. */
  #endedTooSoon({ how, lastLines }: ProcessEnd): DriverError {
    const said = quoteLines(lastLines);
    if (this.#child.hostHasEnded()) return new HostHasEnded(how);
    if (!this.#step) {
      return new DriverError(`the Python drivers ended with ${how} before they served${said}`);
    }
    return new DriverFails(this.#step, "", `ended the process with ${how}${said}`);
  }

  #request(): object {
    const { identity, yaml, entries, standIns, parentSocket } = this.#options;
    return { identity, yaml, entries, standIns, parentSocket };
  }

  #take(message: Message, request: object, onReady: (ready: Ready) => void): void {
    if ("rows" in message) onReady(message);
    else if ("step" in message) this.#begin(message);
    else if ("log" in message) this.#options.onRecord(message.log);
    else if ("leftOut" in message) this.#options.onRecord(leftOut(message.leftOut));
    else {
      this.#pid = message.pid;
      this.#control!.send(request);
    }
  }

  #begin(step: Step): void {
    this.#step = step;
    if (step.step !== "close") this.#limit?.begin(step);
  }

  /** @see Launched */
  async close(graceMs: number): Promise<void> {
    this.#control?.send({ close: true });
    if (await fulfilledWithin(graceMs, this.ended)) return;
    if (graceMs > 0) this.#options.onRecord(hangs(this.#step, graceMs));
    await this.kill();
  }

  /** Ends the child and all that it started, without closing drivers. */
  async kill(): Promise<void> {
    for (const signal of ["SIGUSR1", "SIGKILL"] as const) {
      sendSignal(this.#child.keeper, signal);
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

function leftOut(count: number): PythonRecord {
  return ownRecord("warning", `${count} records were left out, because they came too fast`);
}

/** @param step what hangs; a driver that blocks the event loop lets none begin */
function hangs(step: Step | undefined, graceMs: number): PythonRecord {
  const found = step ? "its close() hangs" : "a driver blocks the event loop";
  const expected = `expected that the drivers close within ${graceMs / 1000} s`;
  const message = `${expected}, found that ${found}; the process was ended`;
  return { ...ownRecord("error", message), path: step?.path ?? null };
}

function ownRecord(level: PythonRecord["level"], message: string): PythonRecord {
  return { path: null, level, message, logger: "jmp", time: Date.now() / 1000 };
}
