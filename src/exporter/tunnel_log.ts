/** Logs why a client's tunnel through a router ended. @module */
import { isTokenRefused, refusedByRouter } from "../controller/token_trouble.ts";
import { RepeatGuard } from "../controller/trouble.ts";
import type { Log } from "../log/log.ts";
import { Code, codeName } from "../wire/code.ts";
import type { Status } from "../wire/grpc/status.ts";
import type { ListenResponse } from "../wire/gen/jumpstarter/v1/jumpstarter.ts";

/** The log of the tunnels of a lease; the same refusal is an error once a minute. */
export class TunnelLog {
  readonly #log: Log;
  readonly #guard = new RepeatGuard();

  /** @param log its records are also for the clients of the lease that reach the exporter */
  constructor(log: Log) {
    this.#log = log;
  }

  /** Logs the end of the tunnel of `dial`. */
  ended({ code, details }: Status, dial: ListenResponse): void {
    if (code === Code.OK) return;
    const { routerEndpoint: endpoint, routerToken: token } = dial;
    const said = `${codeName(code)}: ${details || "no details"}`;
    if (code === Code.PERMISSION_DENIED || isTokenRefused(code, details)) {
      const why = refusedByRouter({ token, details, now: Date.now() });
      const line = `router ${endpoint}: it refuses the token of a client, so the client cannot ` +
        `connect: ${said}; ${why}`;
      if (this.#guard.isNews(`${endpoint} ${said}`)) this.#log.error(line);
      else this.#log.debug(line);
      return;
    }
    const line = `A tunnel through ${endpoint} broke: ${said}`;
    // The router itself ends the tunnels of clients that leave, in other ways.
    if (code === Code.UNAVAILABLE) this.#log.warning(line);
    else this.#log.debug(line);
  }
}
