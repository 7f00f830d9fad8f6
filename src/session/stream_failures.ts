/**
 * Logs why streams ended early. Official clients drop the status of a stream
 * (`jumpstarter/streams/router.py`), so their users learn the reason from the log only.
 *
 * @module
 */
import { Repeats, type Summary } from "../log/repeats.ts";
import type { Log } from "../log/log.ts";
import type { DriverInstances } from "../tree/instances.ts";
import { cut } from "../text/cut.ts";
import { messageOf } from "../wire/error.ts";
import type { StreamTarget } from "../wire/router/stream_target.ts";

/** Lines of 5 s for one driver: programs on a forwarded port may connect again without a pause. */
const MAX_LINES = 5;

/** Drivers of 5 s that have lines of their own. */
const MAX_DRIVERS = 100;

/** Writes one warning for each stream, to the log of its driver. */
export class StreamFailures implements Disposable {
  readonly #drivers: Pick<DriverInstances, "pathOf" | "logOf">;
  readonly #log: Log;
  readonly #repeats = new Repeats({ lines: MAX_LINES, keys: MAX_DRIVERS });

  /** @param log for streams of unknown drivers */
  constructor(drivers: Pick<DriverInstances, "pathOf" | "logOf">, log: Log) {
    this.#drivers = drivers;
    this.#log = log;
  }

  /** Records that a stream ended with `error`; `target` is undefined if the request is malformed. */
  note(target: StreamTarget | undefined, error: unknown): void {
    const known = target && this.#drivers.logOf(target.uuid);
    const log = known ?? this.#log;
    const what = target ? this.#nameOf(target) : "a stream";
    const reason = messageOf(error);
    const more: Summary = (times, seconds) =>
      log.warning(`${what} failed ${times} within ${seconds} s; the last time: ${reason}`);
    const others: Summary = (times, seconds) =>
      this.#log.warning(`streams of other drivers failed ${times} within ${seconds} s`);
    const key = known ? target.uuid.toLowerCase() : "";
    this.#repeats.note(key, () => log.warning(`${what} failed: ${reason}`), more, others);
  }

  /** Writes how many more streams have failed. */
  [Symbol.dispose](): void {
    this.#repeats[Symbol.dispose]();
  }

  /** `serial.connect`; a stream of bytes that a client offers has no method. */
  #nameOf(target: StreamTarget): string {
    const path = this.#drivers.pathOf(target.uuid);
    return target.kind === "driver"
      ? `${path}.${cut(target.method, 100)}`
      : `a transfer of ${path}`;
  }
}
