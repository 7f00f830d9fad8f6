/**
 * An exporter without a controller: one session for the life of the process, on a
 * TCP port (direct mode) or a Unix socket (local use).
 *
 * @module
 */
import { dirname, resolve } from "node:path";
import type { ExporterConfig } from "../config/exporter_config.ts";
import { UnsafePlace } from "../files/trust.ts";
import { openFolder } from "../files/walk.ts";
import type { HookName, Lease, LeaseEffect, LeaseEvent } from "../lease/model.ts";
import { LeaseRunner } from "../lease/runner.ts";
import { PassphraseGate } from "../session/passphrase.ts";
import type { Log } from "../log/log.ts";
import { sleep } from "../base/sleep.ts";
import { messageOf } from "../wire/error.ts";
import type { KeyPair, ListenAddress } from "../wire/listen/listen.ts";
import { explainStop } from "./hooks.ts";
import { LeaseSession } from "./lease_session.ts";

/** What logs and hooks see in place of a lease; hooks find no client's name. */
const LEASE: Lease = { name: "standalone", client: "" };

/** How long a client may see AVAILABLE after it ended its session. */
const LINGER_MS = 2_000;

/** What a standalone exporter runs on. */
export interface StandaloneOptions {
  readonly config: ExporterConfig;
  readonly log: Log;
  /** Every client must know it, where given. */
  readonly passphrase?: string;
  /** Whether the config's hooks run. @default true */
  readonly hooks?: boolean;
}

/**
 * Serves one config until it is stopped. The lease machine runs as it does under a
 * controller, only that the lease comes from here: at the start, and again whenever a
 * client has ended its session. Drivers stay open all the time.
 */
export class StandaloneExporter implements AsyncDisposable {
  readonly #options: StandaloneOptions;
  readonly #gate: PassphraseGate | undefined;
  readonly #inner: LeaseSession;
  readonly #runner: LeaseRunner;
  /** How many there were; none is like another. */
  #leases = 0;
  readonly #stopped = Promise.withResolvers<number>();

  constructor(options: StandaloneOptions) {
    const { config, log, passphrase, hooks = true } = options;
    this.#options = options;
    this.#gate = passphrase === undefined ? undefined : new PassphraseGate({ passphrase, log });
    this.#inner = new LeaseSession({
      config,
      lease: LEASE,
      log: log.child({ lease: LEASE.name }),
      gate: this.#gate,
      onEndSession: () => {
        this.#runner.dispatch({ type: "endSession" });
        return { success: true, message: "Session ended" };
      },
    });
    this.#runner = new LeaseRunner({
      rules: hooks ? config.hooks : {},
      handle: (effect) => this.#handle(effect),
    });
    this.#lease();
  }

  /** Resolves when the exporter has stopped, with its exit code: 1 when a hook ended it. */
  get stopped(): Promise<number> {
    return this.#stopped.promise;
  }

  /** Ends the exporter, after the afterLease hook where there is one; called again, it ends that. */
  stop(): void {
    this.#runner.dispatch({ type: "stop" });
    explainStop(this.#runner.state, this.#options.config, this.#options.log);
  }

  /** Resolves when every driver is open or degraded. */
  get drivers(): LeaseSession["drivers"] {
    return this.#inner.drivers;
  }

  /**
   * Serves on TCP.
   *
   * @returns the port, where 0 was asked for.
   * @throws {Error} naming the address, when it cannot be had.
   */
  async listenTcp(host: string, port: number, keys?: KeyPair): Promise<number> {
    const shown = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
    return await this.#listen({ hostname: host, port, ...(keys && { keys }) }, shown);
  }

  /**
   * Serves on a Unix socket that only this user may open.
   *
   * @throws {Error} naming the path, when it cannot be had.
   */
  async listenUnix(path: string): Promise<void> {
    await removeStale(path);
    warnOfNeighbours(path, this.#options.log);
    await this.#listen({ path }, path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    await this.stopped;
    await this.#inner[Symbol.asyncDispose]();
    this.#gate?.[Symbol.dispose]();
  }

  async #listen(address: ListenAddress, shown: string): Promise<number> {
    try {
      return await this.#inner.session.listen(address);
    } catch (error) {
      throw new Error(`Cannot listen on ${shown}: ${messageOf(error)}`, { cause: error });
    }
  }

  #handle(effect: LeaseEffect): void {
    switch (effect.type) {
      case "open":
        return this.#runner.dispatch({ type: "opened" });
      case "runHook":
        return void this.#runHook(effect.hook);
      case "interruptHook":
        return this.#inner.interruptHook();
      case "linger":
        return void this.#later({ type: "lingered" });
      case "close":
        return this.#again();
      case "report":
        this.#inner.session.status.set(effect.status, effect.message);
        if (this.#runner.state.phase === "ended") void this.#later({ type: "idle" });
        return;
      case "stop":
        return this.#stopped.resolve(effect.failedHook ? 1 : 0);
      case "transfer":
      case "release":
      case "save":
        return;
    }
    effect satisfies never;
  }

  async #runHook(hook: HookName): Promise<void> {
    const outcome = await this.#inner.runHook(hook, LEASE.client);
    const failure = outcome.ok ? undefined : outcome.message;
    this.#runner.dispatch({ type: "hookDone", hook, failure });
  }

  async #later(event: LeaseEvent): Promise<void> {
    await sleep(LINGER_MS, this.#inner.signal);
    this.#runner.dispatch(event);
  }

  /** The lease is over, and the next client is welcome. */
  #again(): void {
    this.#runner.dispatch({ type: "closed" });
    this.#runner.dispatch({ type: "idle" });
    this.#lease();
  }

  /** The lease machine begins no lease twice, and runs afterLease for clients with a name only. */
  #lease(): void {
    const name = `${LEASE.name} ${++this.#leases}`;
    this.#runner.dispatch({ type: "leased", lease: { name, client: "standalone" } });
  }
}

/** Where the socket is was asked for; that clients may come to reach another one should be known. */
function warnOfNeighbours(path: string, log: Log): void {
  try {
    openFolder(resolve(dirname(path)), { sticky: true })[Symbol.dispose]();
  } catch (error) {
    if (!(error instanceof UnsafePlace)) return;
    log.warning(`Somebody else can put a socket in the place of ${path}: ${error.message}`);
  }
}

/** A socket that nobody serves any more is in the way; one that is served is not ours to take. */
async function removeStale(path: string): Promise<void> {
  const found = await Deno.lstat(path).catch(() => undefined);
  if (!found) return;
  if (!found.isSocket) throw new Error(`Cannot listen on ${path}: a file is in the way`);
  try {
    (await Deno.connect({ transport: "unix", path })).close();
  } catch {
    await Deno.remove(path);
    return;
  }
  throw new Error(`Cannot listen on ${path}: another process serves it`);
}
