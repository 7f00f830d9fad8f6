/**
 * An exporter without a controller: serves one session on a TCP port (direct mode) or a
 * Unix socket (local use) until it is stopped.
 *
 * @module
 */
import type { ExporterConfig } from "../config/exporter_config.ts";
import type { ProgramCommands } from "../files/path_commands.ts";
import { removeStaleSocket } from "../files/socket.ts";
import { PassphraseGate } from "../session/passphrase.ts";
import type { Log } from "../log/log.ts";
import { messageOf } from "../wire/error.ts";
import type { LocalIdentity } from "../wire/local.ts";
import type { KeyPair, ListenAddress } from "../wire/listen/listen.ts";
import { LeaseExecutor } from "./lease_executor.ts";
import type { LeaseSession } from "./lease_session.ts";
import { localIdentity } from "./local/identity.ts";
import { type LocalTarget, LocalUseRefused } from "./local/target.ts";
import { ExporterStore } from "./store.ts";
import { warnOfNeighbours } from "./socket_path.ts";
import { StandaloneSource } from "./standalone_source.ts";

/** What a standalone exporter needs. */
export interface StandaloneOptions {
  readonly config: ExporterConfig;
  readonly log: Log;
  /** The passphrase that every client must send, if given. */
  readonly passphrase?: string;
  /** Whether the config's hooks run. @default true */
  readonly hooks?: boolean;
  /** Puts `j` and `jmp` on the PATH of hooks, if given. */
  readonly commands?: ProgramCommands;
}

/**
 * Serves one config until it is stopped. The lease machine runs as it does with a
 * controller, but {@linkcode StandaloneSource} provides the leases. Drivers stay open all
 * the time. Several exporters can run in one process.
 */
export class StandaloneExporter implements AsyncDisposable {
  /** The state of the exporter. */
  readonly store: ExporterStore;
  readonly #log: Log;
  readonly #gate: PassphraseGate | undefined;
  readonly #source: StandaloneSource;
  readonly #leases: LeaseExecutor;
  readonly #stopped = Promise.withResolvers<number>();
  readonly #local: LocalIdentity;

  constructor({ config, passphrase, hooks = true, commands, ...options }: StandaloneOptions) {
    this.store = new ExporterStore(config);
    this.#local = localIdentity(config);
    const log = this.#log = options.log.fork().child({ exporter: config.identity.name });
    this.store.keepErrors(log);
    this.#gate = passphrase === undefined ? undefined : new PassphraseGate({ passphrase, log });
    this.#source = new StandaloneSource({
      config,
      log,
      store: this.store,
      gate: this.#gate,
      commands,
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

  /** Resolves when the exporter has stopped, with its exit code: 1 if a failed hook ended it. */
  get stopped(): Promise<number> {
    return this.#stopped.promise;
  }

  /** Ends the exporter after its afterLease hook, if there is one; a second call aborts the hook. */
  stop(): void {
    this.#leases.stop();
  }

  /** Admits processes of the host to the session, as it admits its clients, but without a passphrase. */
  get local(): LocalTarget {
    const { session, signal } = this.#source.session;
    return {
      local: this.#local,
      admit: ({ user, force }) => {
        const { name } = this.#local;
        if (signal.aborted) return Promise.reject(new LocalUseRefused(`${name} is stopping`));
        const caller = { user, interferes: false, waits: !force };
        return Promise.resolve({
          serve: (link) => void session.serveLocally(link, caller),
          [Symbol.dispose]() {},
        });
      },
    };
  }

  /** The drivers of the session. */
  get drivers(): LeaseSession["drivers"] {
    return this.#source.session.drivers;
  }

  /**
   * Serves on TCP.
   *
   * @param port 0 chooses a free port.
   * @returns the port.
   * @throws {Error} naming the address, if the exporter cannot listen on it.
   */
  async listenTcp(host: string, port: number, keys?: KeyPair): Promise<number> {
    const shown = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
    return await this.#listen({ hostname: host, port, ...(keys && { keys }) }, shown);
  }

  /**
   * Serves on a Unix socket that only this user can open.
   *
   * @throws {Error} naming the path, if the exporter cannot listen on it.
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
