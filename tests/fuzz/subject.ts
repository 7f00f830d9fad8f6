/** What a fuzzed conversation is held with. @module */
import type { Random } from "./random.ts";

/** One thing that reads what others send. */
export interface Subject {
  readonly name: string;
  /** How often it is chosen, beside the others. */
  readonly weight: number;
  /** Holds one conversation. @throws {Error} where it ends other than it may */
  converse(random: Random): Promise<void> | void;
}
