/** The use of an exporter's drivers by processes of its host, while no client has a lease. @module */
import type { Log } from "../../log/log.ts";
import type { Peer } from "../../wire/grpc/peer.ts";
import { messageOf } from "../../wire/error.ts";
import type { Link } from "../../wire/net/link.ts";
import { ExporterStatus } from "../../wire/gen/jumpstarter/v1/common.ts";
import type { LeaseSession } from "../lease_session.ts";
import { LocalUseEnded, type LocalVisit } from "./target.ts";

/** Dependencies of {@linkcode LocalUse}. */
export interface LocalUseOptions {
  /** Starts opening the drivers. */
  open(): LeaseSession;
  readonly log: Log;
  /** How long drivers stay open without a visitor, in milliseconds. @default 5_000 */
  readonly lingerMs?: number;
}

/** Long enough for the next command of a script or of a person, in milliseconds. */
const LINGER_MS = 5_000;

/** Open drivers, and their visitors. */
interface Open {
  readonly session: LeaseSession;
  readonly visits: Set<Visit>;
  /** Closes the drivers after `lingerMs` without a visitor. */
  timer?: ReturnType<typeof setTimeout>;
}

/** Opens the drivers for the first visitor, and closes them some time after the last one. */
export class LocalUse implements AsyncDisposable {
  readonly #options: LocalUseOptions;
  #open: Open | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: LocalUseOptions) {
    this.#options = options;
  }

  /** Resolves when the drivers of former visitors are closed; undefined when they are. */
  get closing(): Promise<void> | undefined {
    return this.#closing;
  }

  /** Opens the drivers unless they are open, and keeps them open for a visitor. Not while `closing`. */
  enter(user: string): LocalVisit {
    const open = this.#open ??= this.#begin();
    clearTimeout(open.timer);
    const visit = new Visit(open.session, user, () => this.#left(open, visit));
    open.visits.add(visit);
    return visit;
  }

  /**
   * Ends all visits for `reason`, and closes the drivers.
   *
   * @returns a promise until they are closed; undefined if they are closed already.
   */
  end(reason: string): Promise<void> | undefined {
    const open = this.#open;
    if (!open) return this.#closing;
    this.#open = undefined;
    clearTimeout(open.timer);
    this.#options.log.info(`Local use ends: ${reason}`);
    for (const visit of [...open.visits]) {
      visit.expel(new LocalUseEnded(`local use ends: ${reason}`));
    }
    return this.#closing = this.#close(open);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end("the exporter stops");
  }

  #begin(): Open {
    const session = this.#options.open();
    const { EXPORTER_STATUS_LEASE_READY: ready } = ExporterStatus;
    session.session.status.set(ready, "Ready for commands of this host");
    return { session, visits: new Set() };
  }

  #left(open: Open, visit: Visit): void {
    open.visits.delete(visit);
    if (open.visits.size > 0 || this.#open !== open) return;
    const { lingerMs = LINGER_MS } = this.#options;
    open.timer = setTimeout(() => void this.end("nobody uses the drivers any more"), lingerMs);
  }

  async #close({ session }: Open): Promise<void> {
    try {
      await session[Symbol.asyncDispose]();
    } catch (error) {
      this.#options.log.error(`Cannot end local use completely: ${messageOf(error)}`);
    }
    this.#closing = undefined;
  }
}

/** A visitor of the open drivers. */
class Visit implements LocalVisit {
  readonly #session: LeaseSession;
  readonly #user: string;
  readonly #onLeft: () => void;
  #peer: Peer | undefined;
  #expelled: Error | undefined;

  constructor(session: LeaseSession, user: string, onLeft: () => void) {
    this.#session = session;
    this.#user = user;
    this.#onLeft = onLeft;
  }

  serve(link: Link): void {
    this.#peer = this.#session.session.serveLocally(link, {
      user: this.#user,
      interferes: false,
      waits: false,
      onClosed: () => this.#onLeft(),
    });
    if (this.#expelled) this.#peer.expel(this.#expelled);
  }

  expel(error: Error): void {
    this.#expelled = error;
    this.#peer?.expel(error);
  }

  [Symbol.dispose](): void {
    if (!this.#peer) this.#onLeft();
  }
}
