/**
 * Keeps the exporter registered. Nothing tells an exporter that its object at the controller was
 * deleted, created anew or unregistered: its Status stream watches by name and stays open. So it
 * registers and reports its status again periodically, and as soon as its token changes.
 *
 * @module
 */
import type { RegisterRequest } from "../wire/gen/jumpstarter/v1/jumpstarter.ts";
import { sleep } from "../base/sleep.ts";
import type { ControllerClient } from "./client.ts";
import { type RetryOptions, untilDone } from "./retry.ts";
import type { StatusReporter } from "./status_reporter.ts";

/** The exporter to register. */
export interface PresenceOptions {
  readonly client: ControllerClient;
  readonly reporter: StatusReporter;
  /** Makes the request of each call. */
  request(): RegisterRequest;
  /** Reads the present token. */
  token(): Promise<string>;
  readonly retry: RetryOptions;
  /** Mean time between registrations in milliseconds; each is random, from half to one and a half of it. */
  readonly renewMs?: number;
}

/**
 * The period in which a controller itself records that an exporter is online; a Register that
 * changes nothing costs it less.
 */
const RENEW_MS = 10_000;

/** Factor of the period during a lease: the exporter gets no other lease then. */
const IN_LEASE = 3;

/** Time between looks at the token, in milliseconds. */
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

  /** Registers, with as many attempts as it takes; false if the signal aborts first. */
  register(): Promise<boolean> {
    return this.#registering ??= this.#register().finally(() => this.#registering = undefined);
  }

  /** Registers and reports the status again. */
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

  /** Begins an interval; the result tells whether it is over. */
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
        `The Exporter object was created anew at the controller: registered with ${uuid}`,
      );
    }
    this.#uuid = uuid;
    return true;
  }

  /** Undefined if it cannot be read, as while its file is replaced; the calls report that. */
  async #token(): Promise<string | undefined> {
    return await this.#options.token().catch(() => undefined);
  }
}
