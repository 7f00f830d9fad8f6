/**
 * The one owner of the process: it alone handles signals, talks to the service manager and
 * survives stray errors, for as many exporters as run in the process.
 *
 * @module
 */
import type { Log } from "../log/log.ts";
import { ServiceManager } from "./notify.ts";
import { type EndSignal, exitCode, onSignals } from "./signals.ts";
import { surviveStrayErrors } from "./stray_errors.ts";

/** Something that runs in the process until it is told to end: an exporter. */
export interface Resident {
  /** For messages. */
  readonly name: string;
  /**
   * Runs it to its end, once.
   *
   * @param ready to be called when clients can connect.
   * @returns its exit code.
   */
  run(ready: () => void): Promise<number>;
  /** Ends it; called again, it ends what the first call let run. */
  stop(): void;
  /** Ends it when its current lease is over. @default `stop` */
  drain?(): void;
}

/** The signals that end residents; SIGHUP drains them. */
const STOPPING: readonly EndSignal[] = ["SIGINT", "SIGTERM", "SIGQUIT"];

/** The exit code of a resident that threw an error. */
const FAILED = 1;

/** Owns the process until it is disposed. */
export class ProcessOwner implements Disposable {
  static #current: ProcessOwner | undefined;
  readonly #log: Log;
  readonly #stack = new DisposableStack();
  readonly service: ServiceManager;

  /** @throws {Error} where the process has an owner already. */
  constructor(log: Log) {
    if (ProcessOwner.#current) throw new Error("the process has an owner already");
    ProcessOwner.#current = this;
    this.#log = log;
    this.#stack.use(surviveStrayErrors(log));
    this.service = this.#stack.use(new ServiceManager(log));
  }

  /**
   * Runs `residents` until all of them have ended. One that ends, well or badly, leaves the
   * others running.
   *
   * @returns the exit code of the first that failed, else that of the signal that ended them.
   * @throws the error of a resident that was alone in the process.
   */
  async run(residents: readonly Resident[]): Promise<number> {
    let code = 0;
    const end = (signal: EndSignal, when: string, call: (resident: Resident) => void) => {
      this.#log.info(`${signal}: shutting down${when}`);
      code ||= exitCode(signal);
      residents.forEach(call);
    };
    using _stop = onSignals(STOPPING, (signal) => {
      this.service.stopping();
      end(signal, "", (resident) => resident.stop());
    });
    using _drain = onSignals(["SIGHUP"], (signal) => {
      const waits = residents.some(({ drain }) => drain !== undefined);
      if (!waits) this.service.stopping();
      const when = waits ? " after the current lease" : "";
      end(signal, when, (resident) => resident.drain ? resident.drain() : resident.stop());
    });
    const codes = await this.#runAll(residents);
    return codes.find((each) => each !== 0) ?? code;
  }

  /** The service is ready when each of them is, or has ended. */
  async #runAll(residents: readonly Resident[]): Promise<number[]> {
    const waiting = new Set(residents);
    const ready = (resident: Resident) => {
      if (waiting.delete(resident) && waiting.size === 0) this.service.ready();
    };
    return await Promise.all(residents.map(async (resident) => {
      const running = resident.run(() => ready(resident));
      if (residents.length === 1) return await running;
      const code = await running.catch((error) => this.#failed(resident, error));
      ready(resident);
      return code;
    }));
  }

  #failed({ name }: Resident, error: unknown): number {
    const text = error instanceof Error ? error.stack ?? error.message : String(error);
    this.#log.child({ exporter: name }).critical(`The exporter ${name} has failed: ${text}`);
    return FAILED;
  }

  [Symbol.dispose](): void {
    ProcessOwner.#current = undefined;
    this.#stack.dispose();
  }
}
