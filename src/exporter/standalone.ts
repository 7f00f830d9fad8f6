/**
 * An exporter without a controller: one session for the life of the process, on a
 * TCP port (direct mode) or a Unix socket (local use).
 *
 * @module
 */
import type { ExporterConfig } from "../config/exporter_config.ts";
import { PassphraseGate } from "../session/passphrase.ts";
import type { Log } from "../log/log.ts";
import { messageOf } from "../wire/error.ts";
import type { KeyPair, ListenAddress } from "../wire/listen/listen.ts";
import { LeaseExecutor } from "./lease_executor.ts";
import type { LeaseSession } from "./lease_session.ts";
import { ExporterStore } from "./store.ts";
import { removeStaleSocket, warnOfNeighbours } from "./socket_path.ts";
import { StandaloneSource } from "./standalone_source.ts";

/** What a standalone exporter runs on. */
export interface StandaloneOptions {
  readonly config: ExporterConfig;
  readonly log: Log;
  /** Every client must send it, where given. */
  readonly passphrase?: string;
  /** Whether the config's hooks run. @default true */
  readonly hooks?: boolean;
}

/**
 * Serves one config until it is stopped. The lease machine runs as it does under a
 * controller, only that the leases come from here. Drivers stay open all the time.
 * It assumes nothing of the process: several can run in one.
 */
export class StandaloneExporter implements AsyncDisposable {
  /** What it is doing. */
  readonly store: ExporterStore;
  readonly #log: Log;
  readonly #gate: PassphraseGate | undefined;
  readonly #source: StandaloneSource;
  readonly #leases: LeaseExecutor;
  readonly #stopped = Promise.withResolvers<number>();

  constructor({ config, passphrase, hooks = true, ...options }: StandaloneOptions) {
    this.store = new ExporterStore(config);
    const log = this.#log = options.log.fork().child({ exporter: config.identity.name });
    this.store.keepErrors(log);
    this.#gate = passphrase === undefined ? undefined : new PassphraseGate({ passphrase, log });
    this.#source = new StandaloneSource({
      config,
      log,
      store: this.store,
      gate: this.#gate,
      onLease: (event) => this.#leases.dispatch(event),
      onStopped: (failedHook) => this.#stopped.resolve(failedHook ? 1 : 0),
    });
    this.#leases = new LeaseExecutor({
      source: this.#source,
      hooks: hooks ? config.hooks : {},
      log,
    });
    this.#source.start();
  }

  /** Resolves when the exporter has stopped, with its exit code: 1 when a hook ended it. */
  get stopped(): Promise<number> {
    return this.#stopped.promise;
  }

  /** Ends the exporter, after the afterLease hook where there is one; called again, it aborts that. */
  stop(): void {
    this.#leases.stop();
  }

  /** Resolves when every driver is open or degraded. */
  get drivers(): LeaseSession["drivers"] {
    return this.#source.session.drivers;
  }

  /**
   * Serves on TCP.
   *
   * @returns the port, where 0 was asked for.
   * @throws {Error} naming the address, when it cannot be listened on.
   */
  async listenTcp(host: string, port: number, keys?: KeyPair): Promise<number> {
    const shown = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
    return await this.#listen({ hostname: host, port, ...(keys && { keys }) }, shown);
  }

  /**
   * Serves on a Unix socket that only this user may open.
   *
   * @throws {Error} naming the path, when it cannot be listened on.
   */
  async listenUnix(path: string): Promise<void> {
    await removeStaleSocket(path);
    warnOfNeighbours(path, this.#log);
    await this.#listen({ path }, path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    await this.stopped;
    await this.#source[Symbol.asyncDispose]();
    this.#gate?.[Symbol.dispose]();
  }

  async #listen(address: ListenAddress, shown: string): Promise<number> {
    try {
      return await this.#source.session.session.listen(address);
    } catch (error) {
      throw new Error(`Cannot listen on ${shown}: ${messageOf(error)}`, { cause: error });
    }
  }
}
