/** Logs refused calls: the first ones, and then the number of further ones. @module */
import type { Log } from "../log/log.ts";
import { hostOf, type Peer } from "../wire/grpc/peer.ts";

/** The wording of the official exporter's log, which operators search for. */
const WORDS = "authentication failed: invalid or missing passphrase";

/** The length of a period, in milliseconds. */
const PERIOD_MS = 5_000;

/** Lines of a period for one host, before the line with the number of further calls. */
const MAX_LINES = 2;

/** Hosts of a period that have lines of their own. */
const MAX_HOSTS = 8;

interface Tally {
  lines: number;
  more: number;
}

/** Writes at most 25 lines in 5 s. */
export class RefusalLog implements Disposable {
  readonly #log: Log;
  readonly #periodMs: number;
  readonly #hosts = new Map<string, Tally>();
  #others = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(log: Log, periodMs: number = PERIOD_MS) {
    this.#log = log;
    this.#periodMs = periodMs;
  }

  /** Records that a call of `peer` to `method` was refused. */
  note(method: string, peer: Peer): void {
    this.#timer ??= this.#schedule();
    const tally = this.#tallyOf(hostOf(peer));
    if (!tally) {
      this.#others += 1;
    } else if (tally.lines < MAX_LINES) {
      tally.lines += 1;
      this.#log.warning(`${WORDS} for method ${printable(method)} from ${peer.address}`);
    } else {
      tally.more += 1;
    }
  }

  /** Writes the summary of the current period. */
  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#sum();
  }

  #schedule(): ReturnType<typeof setTimeout> {
    const timer = setTimeout(() => this.#sum(), this.#periodMs);
    Deno.unrefTimer(timer as unknown as number);
    return timer;
  }

  #tallyOf(host: string): Tally | undefined {
    const known = this.#hosts.get(host);
    if (known || this.#hosts.size >= MAX_HOSTS) return known;
    const tally = { lines: 0, more: 0 };
    this.#hosts.set(host, tally);
    return tally;
  }

  #sum(): void {
    for (const [host, { more }] of this.#hosts) this.#say(more, host);
    this.#say(this.#others, "other addresses");
    this.#hosts.clear();
    this.#others = 0;
    this.#timer = undefined;
  }

  #say(more: number, where: string): void {
    if (more === 0) return;
    const times = more === 1 ? "once more" : `${more} times more`;
    this.#log.warning(`${WORDS}, ${times} from ${where} within ${this.#periodMs / 1000} s`);
  }
}

/** The method's name comes from the client, so it may contain anything. */
function printable(method: string): string {
  return /^[\x21-\x7e]{1,100}$/.test(method) ? method : "(unreadable)";
}
