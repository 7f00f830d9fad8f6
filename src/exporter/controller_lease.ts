/** One lease: a session, the Listen stream of its clients, and their tunnels. @module */
import type { ControllerClient } from "../controller/client.ts";
import { stayOpen } from "../controller/retry.ts";
import { NARROW_PATH } from "../wire/net/narrow_path.ts";
import { rivalWatch } from "../controller/rival.ts";
import { RouterConnections } from "../controller/router.ts";
import { explain } from "../controller/trouble.ts";
import type { ListenResponse } from "../wire/gen/jumpstarter/v1/jumpstarter.ts";
import type { HookOutcome } from "../lease/hook/hook.ts";
import type { HookName } from "../lease/model.ts";
import type { Session } from "../session/session.ts";
import type { Audience } from "../session/status_readers.ts";
import { sleep } from "../base/sleep.ts";
import { TunnelLog } from "./tunnel_log.ts";
import { ClientConnections } from "./client_connections.ts";
import type { OpenLease } from "./lease_source.ts";
import { LeaseSession, type LeaseSessionOptions } from "./lease_session.ts";

/**
 * How long before the status that lets clients dial Listen is sent on the same connection, in
 * milliseconds. Controllers send no headers on Listen, so the exporter cannot see that it is open; a
 * client that dials too early retries after half a second.
 */
const LISTEN_LEAD_MS = 10;

/** What a lease of the controller needs. */
export interface ControllerLeaseOptions extends LeaseSessionOptions {
  /** Whether clients may connect; false for a lease that is over and only runs afterLease. */
  readonly listen: boolean;
  readonly controller: ControllerClient;
  /** Called when clients can dial, or at once if `listen` is false. */
  onOpened(): void;
}

/** Serves the clients of a lease until it is disposed. */
export class ControllerLease implements OpenLease {
  readonly #inner: LeaseSession;
  readonly #options: ControllerLeaseOptions;
  readonly #routers: RouterConnections;
  readonly #tunnels: TunnelLog;
  readonly #listening: Promise<void>;
  #clients = new ClientConnections();

  constructor(options: ControllerLeaseOptions) {
    this.#options = options;
    this.#inner = new LeaseSession(options);
    this.#tunnels = new TunnelLog(this.#inner.log);
    const onSilent = (router: string) => this.#inner.log.warning(silentRouter(router));
    this.#routers = new RouterConnections({ ...options.config, onSilent });
    this.#listening = options.listen ? this.#listen() : this.#announce(0);
  }

  get session(): Session {
    return this.#inner.session;
  }

  get signal(): AbortSignal {
    return this.#inner.signal;
  }

  runHook(name: HookName, client: string): Promise<HookOutcome> {
    return this.#inner.runHook(name, client);
  }

  statusRead(audience: Audience, signal: AbortSignal): Promise<void> {
    return this.#inner.statusRead(audience, signal);
  }

  interruptHook(): void {
    this.#inner.interruptHook();
  }

  /** Stops listening, ends the tunnels and closes the drivers. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#inner[Symbol.asyncDispose]();
    await this.#listening;
    this.#routers[Symbol.dispose]();
  }

  /**
   * Ends the connections of the former client when the lease is transferred. A dial does not name
   * its client, but dials that arrive before the transfer are the former client's, and later ones
   * the new client's: the controller refuses further dials of the former client, and announces
   * dials and transfers in order on one connection.
   */
  transfer(to: string, from: string): void {
    this.#inner.log.info(`The lease was transferred from ${from} to ${to}`);
    const former = this.#clients;
    this.#clients = new ClientConnections();
    former.end();
  }

  async #listen(): Promise<void> {
    const { config, controller, lease, log } = this.#options;
    const { signal } = this.#inner;
    const open = () => {
      this.#routers.renew();
      return controller.listen(lease.name, signal, () => this.#announce(LISTEN_LEAD_MS));
    };
    const target = {
      peer: "controller",
      endpoint: controller.endpoint,
      tls: controller.tls,
      channelOptions: config.channelOptions,
      method: "Listen",
      token: () => controller.token(),
    };
    const onEarlyEnd = rivalWatch({ ...target, identity: config.identity }, log);
    for await (const dial of stayOpen(open, { target, log, signal, onEarlyEnd })) {
      this.#serve(dial).catch(async (error) => {
        if (signal.aborted) return;
        const { routerEndpoint: endpoint } = dial;
        const router = { ...target, peer: "router", endpoint, method: "Stream" };
        // In the log of the lease: its clients read it as soon as one connects.
        this.#inner.log.warning(await explain(error, router, signal));
      });
    }
  }

  async #announce(ms: number): Promise<void> {
    await sleep(ms, this.#inner.signal);
    if (!this.#inner.signal.aborted) this.#options.onOpened();
  }

  /** Connects one client. A rejected token fails only the client that presented it. */
  async #serve(dial: ListenResponse): Promise<void> {
    const { signal } = this.#inner;
    const clients = this.#clients;
    const tunnel = await this.#routers.open(dial.routerEndpoint, dial.routerToken);
    if (signal.aborted || clients.ended) return tunnel.close();
    const leave = clients.add(this.#inner.session.serve(tunnel));
    const status = await tunnel.status;
    leave();
    if (!signal.aborted) this.#tunnels.ended(status, dial);
  }
}

/** A connection that was interrupted, or that a large transfer blocks. */
function silentRouter(endpoint: string): string {
  return `router ${endpoint}: the connection of the open tunnels does not answer; new tunnels use ` +
    `another one. Either the network was interrupted, or ${NARROW_PATH}`;
}
