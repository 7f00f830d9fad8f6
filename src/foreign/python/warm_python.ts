/** A Python interpreter that is kept warm: children of all leases are forked from it. @module */
import { fulfilledWithin } from "../../base/deadline.ts";
import { sleep } from "../../base/sleep.ts";
import { ConnectionFailed } from "../../wire/error.ts";
import { type HostChild, type HostOptions, HostProcess } from "./host_process.ts";
import type { PythonEnvironment } from "./environment.ts";
import { goneProblem } from "./problems.ts";
import { exists } from "../../files/stat.ts";
import { type Imported, TypeImports } from "./type_imports.ts";

/** How long a fork may take, in ms. */
const FORK_MS = 10_000;

/** How often an idle host is asked whether it answers, and how long it may take, in ms. */
const PING_MS = 10_000;

/** How long the host may take to end all children and itself, in ms. */
const CLOSE_MS = 8_000;

/** @see HostOptions */
export interface WarmOptions extends Omit<HostOptions, "interpreter"> {
  readonly environment: PythonEnvironment;
  /** Called when the host has died or hangs; another one is started when it is needed. */
  onTrouble(message: string): void;
  /** @default 10_000 */
  readonly pingMs?: number;
}

/** The host process of one environment, for all exporters of this process. It starts when needed. */
export class WarmPython implements AsyncDisposable {
  readonly environment: PythonEnvironment;
  readonly #options: WarmOptions;
  readonly #imports: TypeImports;
  readonly #hosts = new Set<HostProcess>();
  readonly #closed = new AbortController();
  #current: Promise<HostProcess> | undefined;
  #importing: Promise<unknown> = Promise.resolve();
  #forks = 0;

  constructor(options: WarmOptions) {
    this.#options = options;
    this.environment = options.environment;
    this.#imports = new TypeImports(options.environment);
  }

  /**
   * Imports the modules of types, in addition to those of earlier calls.
   *
   * @throws {DriverError} if the interpreter or the official package cannot be used.
   */
  async importTypes(types: Iterable<string>): Promise<Imported> {
    this.#imports.add(types);
    return await this.#use((host) => this.#importAll(host));
  }

  /**
   * Forks a child for a lease.
   *
   * @param place the folders of the lease, and its limits.
   * @throws {DriverError} if the host cannot.
   */
  async fork(place: object): Promise<HostChild> {
    return await this.#use((host) => this.#fork(host, place));
  }

  /** @see TypeImports.refused */
  get refused(): Readonly<Record<string, string>> {
    return this.#imports.refused;
  }

  async #fork(host: HostProcess, place: object): Promise<HostChild> {
    await this.#importing;
    const child = await this.#forkOf(host, { ...place, ifUnchanged: true });
    if (child) return child;
    this.#retire(host, "has imported packages that have changed since");
    return (await this.#forkOf(await this.#host(), { ...place, ifUnchanged: false }))!;
  }

  async #forkOf(
    host: HostProcess,
    place: { readonly ifUnchanged: boolean },
  ): Promise<HostChild | undefined> {
    try {
      return await host.fork(`${++this.#forks}`, place, FORK_MS);
    } catch (error) {
      if (!host.over.aborted) this.#retire(host, "forks no process");
      throw error;
    }
  }

  /** Asks the host; if that has just died, or hangs, asks the next one. */
  async #use<T>(ask: (host: HostProcess) => Promise<T>): Promise<T> {
    const current = this.#host();
    const host = await current;
    try {
      return await ask(host);
    } catch (error) {
      if (!host.over.aborted && this.#current === current) throw error;
      if (this.#current === current) this.#current = undefined;
      return await ask(await this.#host());
    }
  }

  #host(): Promise<HostProcess> {
    if (this.#closed.signal.aborted) return Promise.reject(new ConnectionFailed("jmp ends"));
    if (!this.#current) {
      const starting = this.#start();
      this.#current = starting;
      starting.then(({ ended }) => ended).catch(() => {}).finally(() => {
        if (this.#current === starting) this.#current = undefined;
      });
    }
    return this.#current;
  }

  async #start(): Promise<HostProcess> {
    for (;;) {
      const { lessons } = this.#imports;
      try {
        return await this.#startOnce();
      } catch (error) {
        if (this.#imports.lessons === lessons || this.#closed.signal.aborted) throw error;
      }
    }
  }

  async #startOnce(): Promise<HostProcess> {
    if (!exists(this.environment.python)) throw goneProblem(this.environment);
    const host = await HostProcess.start({
      ...this.#options,
      interpreter: this.environment.python,
    });
    this.#hosts.add(host);
    if (this.#closed.signal.aborted) host.kill();
    host.ended.then((how) => this.#onEnd(host, how));
    try {
      await this.#importAll(host);
    } catch (error) {
      this.#hosts.delete(host);
      host.kill();
      await host.ended;
      throw error;
    }
    void this.#watch(host);
    return host;
  }

  async #importAll(host: HostProcess): Promise<Imported> {
    const importing = this.#imports.into(host);
    this.#importing = importing.catch(() => {});
    return await importing;
  }

  #onEnd(host: HostProcess, how: string): void {
    if (this.#hosts.delete(host) && !this.#closed.signal.aborted) {
      this.#options.onTrouble(`The Python host ended with ${how}`);
    }
  }

  /** Uses another host from now on, and ends this one after its last child. */
  #retire(host: HostProcess, why: string): void {
    if (!this.#hosts.delete(host)) return;
    this.#current = undefined;
    this.#options.onTrouble(`The Python host ${why}; another one is started when it is needed`);
    host.killWhenUnused();
  }

  async #watch(host: HostProcess): Promise<void> {
    const { pingMs = PING_MS } = this.#options;
    const over = AbortSignal.any([this.#closed.signal, host.over]);
    for (;;) {
      await sleep(pingMs, over);
      if (over.aborted) return;
      if (host.busy) continue;
      await host.request("ping", {}, pingMs).catch(() => this.#retire(host, "does not answer"));
    }
  }

  /** Ends the host and all its children; they have no time to close their drivers. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort();
    await this.#endAll();
    // One that was about to start is killed.
    await this.#current?.catch(() => {});
  }

  async #endAll(): Promise<void> {
    await Promise.all(Array.from(this.#hosts, async (host) => {
      void host.close();
      if (!await fulfilledWithin(CLOSE_MS, host.ended)) host.kill();
      await host.ended;
    }));
  }
}
