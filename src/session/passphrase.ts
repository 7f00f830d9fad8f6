/** The passphrase of direct mode: who is let in, and how those are treated who are not. @module */
import { createHash, timingSafeEqual } from "node:crypto";
import type { Log } from "../log/log.ts";
import { keepSecret } from "../text/secrets.ts";
import { Code, DriverError } from "../wire/error.ts";
import { hostOf, type Peer, type Refusal } from "../wire/grpc/peer.ts";
import type { ServerCall } from "../wire/grpc/server_call.ts";
import { PASSPHRASE_KEY } from "../wire/passphrase.ts";
import { DelayBudget } from "./delay_budget.ts";
import { RefusalLog } from "./refusal_log.ts";

/** Wrong passphrases that a connection may send before it is closed. */
const MAX_WRONG = 8;

class WrongPassphrase extends DriverError {
  override readonly code = Code.UNAUTHENTICATED;
}

/** What a gate is made of. */
export interface GateOptions {
  readonly passphrase: string;
  /** Hears of refused calls; not the log that clients read. */
  readonly log: Log;
}

/**
 * Lets those calls pass that carry the passphrase, at once, whatever others do. The answer to
 * the others is kept back, so that guessing takes time, and a connection that guesses again and
 * again is closed. Dispose it after its server.
 */
export class PassphraseGate implements Disposable {
  readonly #expected: Uint8Array;
  readonly #log: RefusalLog;
  readonly #delays = new DelayBudget();
  /** Connections that have shown the passphrase. */
  readonly #known = new WeakSet<Peer>();
  readonly #wrong = new WeakMap<Peer, number>();

  constructor({ passphrase, log }: GateOptions) {
    keepSecret(passphrase);
    this.#expected = digest(passphrase);
    this.#log = new RefusalLog(log);
  }

  /** Why `call` is refused, or undefined. Compares in constant time. */
  examine(call: ServerCall, peer: Peer): Refusal | undefined {
    const given = call.metadata(PASSPHRASE_KEY);
    if (given.length === 1 && timingSafeEqual(digest(given[0]!), this.#expected)) {
      this.#known.add(peer);
      return undefined;
    }
    this.#log.note(call.path, peer);
    const delayMs = this.#delays.take(hostOf(peer));
    if (!this.#known.has(peer)) this.#countWrong(peer, delayMs);
    return { error: new WrongPassphrase("invalid or missing passphrase"), delayMs };
  }

  /** Writes what is not written yet. */
  [Symbol.dispose](): void {
    this.#log[Symbol.dispose]();
  }

  /** Where too many answers are kept back already, a connection has one guess. */
  #countWrong(peer: Peer, delayMs: number): void {
    const wrong = (this.#wrong.get(peer) ?? 0) + 1;
    this.#wrong.set(peer, wrong);
    if (wrong >= MAX_WRONG || delayMs === 0) peer.dismiss();
  }
}

/** Equal lengths, so that the comparison tells nothing of the passphrase's. */
function digest(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
