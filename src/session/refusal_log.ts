/** Logs refused calls: the first ones, and then the number of further ones. @module */
import type { Log } from "../log/log.ts";
import { Repeats, type Summary } from "../log/repeats.ts";
import { hostOf, type Peer } from "../wire/grpc/peer.ts";

/** The wording of the official exporter's log, which operators search for. */
const WORDS = "authentication failed: invalid or missing passphrase";

/** Lines of a period for one host, before the line with the number of further calls. */
const MAX_LINES = 2;

/** Hosts of a period that have lines of their own. */
const MAX_HOSTS = 8;

/** Writes at most 25 lines in 5 s. */
export class RefusalLog implements Disposable {
  readonly #log: Log;
  readonly #repeats: Repeats;

  constructor(log: Log, periodMs?: number) {
    this.#log = log;
    this.#repeats = new Repeats({ lines: MAX_LINES, keys: MAX_HOSTS, periodMs });
  }

  /** Records that a call of `peer` to `method` was refused. */
  note(method: string, peer: Peer): void {
    const host = hostOf(peer);
    this.#repeats.note(
      host,
      () => this.#log.warning(`${WORDS} for method ${printable(method)} from ${peer.address}`),
      this.#more(host),
      this.#more("other addresses"),
    );
  }

  /** Writes the summary of the current period. */
  [Symbol.dispose](): void {
    this.#repeats[Symbol.dispose]();
  }

  #more(where: string): Summary {
    return (times, seconds) => {
      this.#log.warning(`${WORDS}, ${times} from ${where} within ${seconds} s`);
    };
  }
}

/** The method's name comes from the client, so it may contain anything. */
function printable(method: string): string {
  return /^[\x21-\x7e]{1,100}$/.test(method) ? method : "(unreadable)";
}
