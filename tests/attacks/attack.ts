/** Attacks, and their outcomes. @module */
import type { Target } from "./target.ts";

/** How an attacker reaches the exporter. */
export type Way = "unix" | "tls" | "tunnel";

/** Every way, in the order of the table. */
export const WAYS: readonly Way[] = ["unix", "tls", "tunnel"];

/** The user of the exporter. */
export type User = "root" | "user";

/** The size of an attack. */
export interface Scale {
  /** Whether the run is short. */
  readonly short: boolean;
  /** Chooses `whole`, or `part` in a short run. */
  pick(whole: number, part: number): number;
}

/** An attack by clients on a running exporter. */
export interface Attack {
  /** Its name in the table and on the command line. */
  readonly name: string;
  /** @default every way */
  readonly ways?: readonly Way[];
  /** Soft and hard limit of the exporter's descriptors. @default the limit of this process */
  readonly descriptors?: number;
  /**
   * Attacks, and closes everything that it opened.
   *
   * @returns the outcome, for the table.
   * @throws {Error} if the exporter gave a wrong answer.
   */
  run(target: Target, scale: Scale): Promise<string>;
}

/** Measurements of a running exporter. */
export interface Effect {
  /** The slowest answer to a well-behaved client meanwhile, in milliseconds. */
  readonly slowestMs: number;
  /** Resident memory before, at its height, and after, in MB. */
  readonly memoryMb: readonly [number, number, number];
  /** Open descriptors before and after. */
  readonly descriptors: readonly [number, number];
}

/** The outcome of an attack. */
export interface Outcome {
  readonly name: string;
  readonly user: User;
  readonly way: Way | "host";
  /** What the attack did, and the answers. */
  readonly seen: string;
  /** The effect on the exporter and on other clients. */
  readonly effect?: Effect;
  /** Promises that the exporter broke; must be empty. */
  readonly broken: readonly string[];
}

/** The scale of whole or short attacks. */
export function scaleOf(short: boolean): Scale {
  return { short, pick: (whole, part) => short ? part : whole };
}
