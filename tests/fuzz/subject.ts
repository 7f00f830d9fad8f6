/** The targets of fuzzed conversations. @module */
import type { Random } from "./random.ts";

/** Something that reads what others send. */
export interface Subject {
  readonly name: string;
  /** Its weight in the choice among all subjects. */
  readonly weight: number;
  /** Runs one conversation. @throws {Error} if it ends in a way that is not allowed */
  converse(random: Random): Promise<void> | void;
}
