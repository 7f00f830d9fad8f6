/**
 * The only owner of the process: handles signals, the service manager and stray errors for all
 * exporters in the process.
 *
 * @module
 */
import type { Log } from "../log/log.ts";
import { ServiceManager } from "./notify.ts";
import { type EndSignal, exitCode, onSignals } from "../base/signals.ts";
import { watchPathMtu } from "./path_mtu_watch.ts";
import { surviveStrayErrors } from "./stray_errors.ts";

/** A part of the process that runs until it is stopped: an exporter. */
export interface Resident {
  /** The name in messages. */
  readonly name: string;
  /**
   * Runs the resident until it ends. Called once.
   *
   * @param ready the resident calls this when clients can connect.
   * @returns the exit code.
   */
  run(ready: () => void): Promise<number>;
  /** Ends the resident; a second call aborts what the first one lets finish. */
  stop(): void;
  /** Ends the resident when its current lease is over. @default `stop` */
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

  /** @throws {Error} if the process has an owner already. */
  constructor(log: Log) {
    if (ProcessOwner.#current) throw new Error("the process already has an owner");
    ProcessOwner.#current = this;
    this.#log = log;
    this.#stack.use(surviveStrayErrors(log));
    this.#stack.use(watchPathMtu(log));
    this.service = this.#stack.use(new ServiceManager(log));
  }

  /**
   * Runs `residents` until all of them have ended. One that ends or fails does not affect the
   * others.
   *
   * @returns the exit code of the first resident that failed, else that of the first signal.
   * @throws the error of the resident, if there is only one.
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

  /** Runs all; the service is ready when each resident is ready or has ended. */
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
