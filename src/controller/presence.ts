/**
 * Being known to the controller, whatever happens to what it knows. Nothing tells an exporter
 * that its object was made anew or unregistered: its Status stream watches by name and lives
 * on. So it registers again and tells its status again, every now and then and as soon as it
 * has another token.
 *
 * @module
 */
import type { RegisterRequest } from "../wire/gen/jumpstarter/v1/jumpstarter.ts";
import { sleep } from "../base/sleep.ts";
import type { ControllerClient } from "./client.ts";
import { type RetryOptions, untilDone } from "./retry.ts";
import type { StatusReporter } from "./status_reporter.ts";

/** Who is to be known, and how. */
export interface PresenceOptions {
  readonly client: ControllerClient;
  readonly reporter: StatusReporter;
  /** What the controller is to know; made for each call. */
  request(): RegisterRequest;
  /** The token as it is now. */
  token(): Promise<string>;
  readonly retry: RetryOptions;
  /** How often to register again, in milliseconds; each time half as long to half as long again. */
  readonly renewMs?: number;
}

/**
 * The rhythm in which a controller notes itself that an exporter is there. A Register that
 * changes nothing costs it less than that.
 */
const RENEW_MS = 10_000;

/** How much more rarely in a lease, when no other lease waits for it. */
const IN_LEASE = 3;

/** How soon another token is seen. */
const TOKEN_MS = 1_000;

/** Keeps an exporter registered. */
export class Presence {
  readonly #options: PresenceOptions;
  #uuid: string | undefined;
  #registering: Promise<boolean> | undefined;

  constructor(options: PresenceOptions) {
    this.#options = options;
  }

  /** Whether the controller has ever known the exporter. */
  get established(): boolean {
    return this.#uuid !== undefined;
  }

  /** Registers, however long that takes; false when the signal has aborted first. */
  register(): Promise<boolean> {
    return this.#registering ??= this.#register().finally(() => this.#registering = undefined);
  }

  /** Registers and tells the status once more. */
  async renew(): Promise<void> {
    if (await this.register()) this.#options.reporter.repeat();
  }

  /** Renews until the signal aborts. */
  async keep(): Promise<void> {
    const { retry: { signal } } = this.#options;
    let known = await this.#token();
    while (!signal.aborted) {
      const isDue = this.#clock();
      let token = known;
      while (token === known && !isDue() && !signal.aborted) {
        await sleep(TOKEN_MS, signal);
        token = await this.#token() ?? known;
      }
      known = token;
      await this.renew();
    }
  }

  /** Begins an interval; says whether it is over. */
  #clock(): () => boolean {
    const { renewMs = RENEW_MS, reporter } = this.#options;
    const start = performance.now();
    const share = 0.5 + Math.random();
    return () => {
      const rhythm = reporter.isAvailable ? renewMs : renewMs * IN_LEASE;
      return performance.now() - start >= rhythm * share;
    };
  }

  async #register(): Promise<boolean> {
    const { client, request, retry } = this.#options;
    const answer = await untilDone(() => client.register(request(), retry.signal), retry);
    if (!answer) return false;
    const { uuid } = answer;
    if (this.#uuid !== undefined && this.#uuid !== uuid) {
      retry.log.info(
        `The Exporter object was made anew at the controller: registered with ${uuid}`,
      );
    }
    this.#uuid = uuid;
    return true;
  }

  /** Undefined where there is none at present, as while its file is replaced; the calls say so. */
  async #token(): Promise<string | undefined> {
    return await this.#options.token().catch(() => undefined);
  }
}
