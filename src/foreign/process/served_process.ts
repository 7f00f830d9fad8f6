/**
 * A process that serves drivers, for as long as a lease takes. When it ends in the lease, the calls
 * in flight fail with the reason, and the next call starts it again.
 *
 * @module
 */
import { fulfilledWithin } from "../../base/deadline.ts";
import type { Driver } from "../../driver/mod.ts";
import { ConnectionFailed, DriverError, messageOf } from "../../wire/error.ts";
import type { CallSettings } from "../../wire/grpc/client.ts";
import type { RemoteCall, RemoteDrivers, StartOptions } from "../../tree/driver_process.ts";
import type { HostedReport } from "../../tree/hosted.ts";
import { watchAnswers } from "./answers.ts";
import type { Launch } from "./launched.ts";
import { RemoteDriver } from "./remote_driver.ts";
import { Running, startError } from "./running.ts";

/** How often a process is started again in a lease. */
const MAX_RESTARTS = 3;

/** How long after a failed connection the end of the process may become known, in ms. */
const END_MS = 2_000;

/** A process to serve. */
export interface ServedOptions extends StartOptions {
  /** Names it in messages. */
  readonly name: string;
  readonly launch: Launch;
}

/** @see module */
export class ServedProcess implements RemoteDrivers {
  readonly report: Promise<HostedReport>;
  readonly #options: ServedOptions;
  readonly #abort = new AbortController();
  readonly #remoteUuids = new Map<string, string>();
  #running: Promise<Running>;
  readonly #closed = Promise.withResolvers<void>();
  #restarts = 0;
  /** Why the process does not run. */
  #problem: DriverError | undefined;

  /** Starts the process. */
  constructor(options: ServedOptions) {
    this.#options = options;
    this.#running = this.#start();
    this.report = this.#running.then(({ launched }) => launched);
    this.report.catch(() => {});
  }

  driver(uuid: string): Driver {
    return new RemoteDriver(async () => {
      const client = await (await this.#serving()).client();
      return { client, uuid: this.#remoteUuid(uuid) };
    });
  }

  async open(
    path: string,
    uuid: string,
    settings: (remoteUuid: string) => CallSettings,
  ): Promise<RemoteCall> {
    const running = await this.#serving();
    const chosen = settings(this.#remoteUuid(uuid));
    chosen.signal?.throwIfAborted();
    return await running.open(path, chosen);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort(new DOMException("the lease has ended", "AbortError"));
    const running = await this.#running.catch(() => undefined);
    await running?.close(this.#options.closeTimeoutMs);
    this.#closed.resolve();
  }

  /** Resolves when it was disposed, and nothing of it is left. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /** Known while the process runs: it may choose other uuids when it is started again. */
  #remoteUuid(uuid: string): string {
    return this.#remoteUuids.get(uuid.toLowerCase()) ?? uuid;
  }

  /** The process that runs now, started again if it has ended. */
  async #serving(): Promise<Running> {
    const running = this.#running;
    const { problem } = await running.then((started) => started, (problem) => ({ problem }));
    if (!problem) return await running;
    // Another call may have started it in the meantime.
    if (this.#running === running) this.#running = this.#startAgain(running, problem);
    return await this.#running;
  }

  async #startAgain(former: Promise<Running>, problem: DriverError): Promise<Running> {
    const { name, log, closeTimeoutMs } = this.#options;
    if (this.#restarts === MAX_RESTARTS) {
      const { message } = this.#problem ?? problem;
      throw new ConnectionFailed(
        `${message}; it was started again ${MAX_RESTARTS} times in this lease, which is the limit; ` +
          "the next lease starts it afresh",
      );
    }
    this.#restarts += 1;
    log().warning(`Starts ${name} again (${this.#restarts} of ${MAX_RESTARTS} times in a lease)`);
    await (await former.catch(() => undefined))?.close(closeTimeoutMs);
    return await this.#start();
  }

  async #start(): Promise<Running> {
    const { name } = this.#options;
    try {
      const running = await this.#connected();
      this.#started(running);
      return running;
    } catch (error) {
      const problem = startError(name, error);
      // At the beginning of the lease, each of the drivers tells it.
      throw this.#restarts === 0 ? problem : this.#failed(problem);
    }
  }

  /** Starts it and connects; once more, if it was running since an earlier lease and has just died. */
  async #connected(): Promise<Running> {
    const { name, launch } = this.#options;
    const { signal } = this.#abort;
    for (let isLast = false;; isLast = true) {
      const launched = await launch(signal);
      try {
        return await Running.connect(name, launched, signal);
      } catch (error) {
        const hasDied = await fulfilledWithin(END_MS, launched.ended, signal);
        await launched.close(0);
        if (isLast || !hasDied) throw error;
      }
    }
  }

  #started(running: Running): void {
    const { launched } = running;
    for (const { uuid, remoteUuid } of launched.rows) {
      if (remoteUuid !== undefined) this.#remoteUuids.set(uuid, remoteUuid);
    }
    if (this.#problem) this.#options.onRunning(undefined);
    this.#problem = undefined;
    launched.ended.then(() => this.#failed(running.problem!));
    void this.#watch(running);
  }

  async #watch(running: Running): Promise<void> {
    const { name, log, onRunning } = this.#options;
    const over = new AbortController();
    running.launched.ended.then(() => over.abort());
    const signal = AbortSignal.any([over.signal, this.#abort.signal]);
    const silent = `${capital(name)} does not answer; a call may block it`;
    await watchAnswers({
      ask: () => running.ask(signal),
      signal,
      onSilence: (isSilent) => {
        if (isSilent) log().warning(silent);
        else log().info(`${capital(name)} answers again`);
        onRunning(isSilent ? new ConnectionFailed(silent) : undefined);
      },
    });
  }

  #failed(problem: DriverError): DriverError {
    if (this.#abort.signal.aborted) return problem;
    this.#problem = problem;
    const { log, onRunning } = this.#options;
    log().error(capital(messageOf(problem)));
    onRunning(problem);
    return problem;
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
