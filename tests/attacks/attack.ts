/** What an attack is, and how its outcome is kept. @module */
import type { Target } from "./target.ts";

/** How an attacker reaches the exporter. */
export type Way = "unix" | "tls" | "tunnel";

/** Every way, in the order of the table. */
export const WAYS: readonly Way[] = ["unix", "tls", "tunnel"];

/** As whom the exporter runs. */
export type User = "root" | "user";

/** How much of an attack is made. */
export interface Scale {
  /** A small part of it, for the gate. */
  readonly short: boolean;
  /** `whole`, or `part` where the run is short. */
  pick(whole: number, part: number): number;
}

/** One thing that somebody does to a running exporter. */
export interface Attack {
  /** As it stands in the table and is named on the command line. */
  readonly name: string;
  /** @default every way */
  readonly ways?: readonly Way[];
  /** Soft and hard limit of descriptors of the exporter. @default the one of whoever runs this */
  readonly descriptors?: number;
  /**
   * Attacks, and lets go of everything that it holds.
   *
   * @returns what became of it, for the table.
   * @throws {Error} where the exporter answered other than it should.
   */
  run(target: Target, scale: Scale): Promise<string>;
}

/** Measured of a running exporter. */
export interface Effect {
  /** The slowest answer that a well-behaved client beside it had, in milliseconds. */
  readonly slowestMs: number;
  /** Resident memory before, at its height, and after, in MB. */
  readonly memoryMb: readonly [number, number, number];
  /** Open descriptors before and after. */
  readonly descriptors: readonly [number, number];
}

/** What the table says of an attack. */
export interface Outcome {
  readonly name: string;
  readonly user: User;
  readonly way: Way | "host";
  /** What was done and answered. */
  readonly seen: string;
  /** What a client's attack did to the exporter, and to those beside it. */
  readonly effect?: Effect;
  /** What the exporter should not have let happen; none is the only good number. */
  readonly broken: readonly string[];
}

/** Whole attacks, or short ones. */
export function scaleOf(short: boolean): Scale {
  return { short, pick: (whole, part) => short ? part : whole };
}
