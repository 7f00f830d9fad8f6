/**
 * A session with its drivers, scope and log: one for each lease of a controller, or one for the
 * whole life of a standalone exporter.
 *
 * @module
 */
import type { ExporterConfig } from "../config/exporter_config.ts";
import type { HookOutcome } from "../lease/hook/hook.ts";
import type { ProgramCommands } from "../files/path_commands.ts";
import type { HookName, Lease } from "../lease/model.ts";
import { DriverInstances } from "../tree/instances.ts";
import type { DriverNode } from "../tree/node.ts";
import type { PassphraseGate } from "../session/passphrase.ts";
import { Session } from "../session/session.ts";
import type { Audience } from "../session/status_readers.ts";
import type { Log } from "../log/log.ts";
import type { ExporterStore } from "./store.ts";
import { driverLog } from "./driver_log.ts";
import { Hooks } from "./hooks.ts";
import { LeaseSocket } from "./lease_socket.ts";
import { maxMessageOf } from "../wire/grpc/channel_options.ts";
import type { EndSessionResponse } from "../wire/gen/jumpstarter/v1/jumpstarter.ts";

/** What a session needs. */
export interface LeaseSessionOptions {
  readonly config: ExporterConfig;
  readonly lease: Lease;
  readonly log: Log;
  /** Holds the state of the drivers and counts the connections of clients. */
  readonly store: ExporterStore;
  /** Requires a passphrase from clients, if given. */
  readonly gate?: PassphraseGate | undefined;
  /** Puts `j` and `jmp` on the PATH of hooks, if given. */
  readonly commands?: ProgramCommands | undefined;
  onEndSession(): EndSessionResponse;
}

/** Owns the session and its drivers; disposing it closes both. */
export class LeaseSession implements AsyncDisposable {
  readonly session: Session;
  readonly drivers: DriverInstances;
  readonly log: Log;
  readonly #abort = new AbortController();
  readonly #scope = new AsyncDisposableStack();
  readonly #socket: LeaseSocket;
  readonly #hooks: Hooks;

  /** Starts to open the drivers, and accepts connections at once. */
  constructor(options: LeaseSessionOptions) {
    const { config, lease, log, store, gate, commands, onEndSession } = options;
    this.log = log.fork();
    const degraded = degradedPaths(store);
    this.drivers = new DriverInstances(config.tree, {
      scope: this.#scope,
      signal: this.#abort.signal,
      log: (node) => driverLog(this.log, node),
      onState: (node, state, reason) => {
        if (state === "degraded") degraded.add(node.path);
        else if (state === "open" && degraded.delete(node.path)) this.#tellRecovery(node);
        store.setDriver(node, state, reason);
      },
      exporterSocket: async () => (await this.#socket.open()).path,
    });
    this.session = new Session({
      identity: config.identity,
      drivers: this.drivers,
      log: this.log,
      maxMessage: maxMessageOf(config.channelOptions),
      ...(config.motd !== undefined && { motd: config.motd }),
      gate,
      traffic: store.traffic,
      onEndSession,
    });
    const { session } = this;
    const scope = this.#scope;
    const warn = onceEach((text) => this.log.warning(text));
    const socket = this.#socket = new LeaseSocket({ session, warn, scope });
    this.#hooks = new Hooks({
      config,
      lease,
      session,
      socket,
      commands,
      log: this.log,
      warn,
      scope,
    });
  }

  /** Aborted when the session begins to close. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  #tellRecovery(node: DriverNode): void {
    driverLog(this.log, node).info(`Driver '${node.path}' is available again`);
  }

  /** Runs a hook until it ends, for `client`, which is empty if unknown. Never throws. */
  runHook(name: HookName, client: string): Promise<HookOutcome> {
    return this.#hooks.run(name, client);
  }

  /** Resolves when clients have read the present status, with the log before it, or `signal` aborts. */
  statusRead(audience: Audience, signal: AbortSignal): Promise<void> {
    return this.session.statusRead(audience, signal);
  }

  /** Aborts the running hook. */
  interruptHook(): void {
    this.#hooks.interrupt();
  }

  /** Closes the connections of clients, then the drivers, both in bounded time. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort(new DOMException("the lease has ended", "AbortError"));
    await this.session[Symbol.asyncDispose]();
    await this.#scope.disposeAsync();
  }
}

/** Returns a function that passes each text on to `say` once. */
function onceEach(say: (text: string) => void): (text: string) => void {
  const said = new Set<string>();
  return (text) => {
    if (said.has(text)) return;
    said.add(text);
    say(text);
  };
}

/** The drivers that were degraded in the lease before, or when the exporter started. */
function degradedPaths({ state: { drivers } }: ExporterStore): Set<string> {
  return new Set(drivers.filter(({ state }) => state === "degraded").map(({ path }) => path));
}
