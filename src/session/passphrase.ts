/** The passphrase of direct mode: checks calls, and slows down guessing. @module */
import { createHash, timingSafeEqual } from "node:crypto";
import type { Log } from "../log/log.ts";
import { keepSecret } from "../text/secrets.ts";
import { Code, DriverError } from "../wire/error.ts";
import { hostOf, type Peer, type Refusal } from "../wire/grpc/peer.ts";
import type { ServerCall } from "../wire/grpc/server_call.ts";
import { PASSPHRASE_KEY } from "../wire/passphrase.ts";
import { DelayBudget } from "./delay_budget.ts";
import { RefusalLog } from "./refusal_log.ts";

/** Wrong passphrases after which a connection is closed. */
const MAX_WRONG = 8;

class WrongPassphrase extends DriverError {
  override readonly code = Code.UNAUTHENTICATED;
}

/** Options of a gate. */
export interface GateOptions {
  readonly passphrase: string;
  /** Receives warnings of refused calls; it must not be the log that clients read. */
  readonly log: Log;
}

/**
 * Accepts calls with the passphrase at once. The answers to other calls are delayed, so that guessing
 * takes time, and a connection that guesses repeatedly is closed. Dispose the gate after its server.
 */
export class PassphraseGate implements Disposable {
  readonly #expected: Uint8Array;
  readonly #log: RefusalLog;
  readonly #delays = new DelayBudget();
  /** Connections that have sent the passphrase. */
  readonly #known = new WeakSet<Peer>();
  readonly #wrong = new WeakMap<Peer, number>();

  constructor({ passphrase, log }: GateOptions) {
    keepSecret(passphrase);
    this.#expected = digest(passphrase);
    this.#log = new RefusalLog(log);
  }

  /** Returns why `call` is refused, or undefined. Compares in constant time. */
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

  /** Writes the pending log lines. */
  [Symbol.dispose](): void {
    this.#log[Symbol.dispose]();
  }

  /** While too many answers are delayed already, a connection has only one guess. */
  #countWrong(peer: Peer, delayMs: number): void {
    const wrong = (this.#wrong.get(peer) ?? 0) + 1;
    this.#wrong.set(peer, wrong);
    if (wrong >= MAX_WRONG || delayMs === 0) peer.dismiss();
  }
}

/** Digests have equal lengths, so the comparison reveals nothing about the passphrase's length. */
function digest(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
