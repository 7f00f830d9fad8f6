/** What a fault run is, and how its outcome is kept. @module */

/** One kind of fault, with the proof that the exporter recovers from it. */
export interface Fault {
  /** As it stands in the table and is named on the command line. */
  readonly name: string;
  /** Injects the fault as often as the bench asks for. @throws {Error} on the first loss */
  run(bench: Bench): Promise<void>;
}

/** What the table says of a fault. */
export interface Outcome {
  readonly name: string;
  readonly injected: number;
  /** From the end of each fault until everything worked, in milliseconds. */
  readonly recoveredMs: readonly number[];
  /** How many faults the exporter did not recover from in time; 0 is the only good number. */
  readonly lost: number;
  readonly notes: readonly string[];
}

/** How long an exporter may take to recover where a fault sets no bound of its own. */
export const RECOVERY_MS = 30_000;

/** Counts what a fault does. */
export class Bench {
  /** Fewer rounds and shorter faults, for the gate. */
  readonly quick: boolean;
  readonly #progress: (line: string) => void;
  readonly #recoveredMs: number[] = [];
  readonly #notes: string[] = [];
  #injected = 0;

  constructor(quick: boolean, progress: (line: string) => void = () => {}) {
    this.quick = quick;
    this.#progress = progress;
  }

  /** Counts faults that are injected now. */
  inject(what: string, times = 1): void {
    this.#injected += times;
    this.#progress(what);
  }

  /** Adds to what the table says. */
  note(text: string): void {
    this.#notes.push(text);
    this.#progress(text);
  }

  /**
   * Measures a recovery.
   * @throws {Error} where it does not come about within `boundMs`
   */
  async recovery<T>(recover: () => Promise<T>, boundMs: number = RECOVERY_MS): Promise<T> {
    const start = performance.now();
    const result = await within(recover(), boundMs, "Cannot see a recovery");
    this.recovered(performance.now() - start);
    return result;
  }

  /** Counts a recovery that was measured otherwise. */
  recovered(ms: number): void {
    this.#recoveredMs.push(ms);
    this.#progress(`  recovered in ${seconds(ms)}`);
  }

  /** What became of `fault`; an error of its run is a loss, and never more than one. */
  async outcome(fault: Fault): Promise<Outcome> {
    let lost = 0;
    try {
      await fault.run(this);
    } catch (error) {
      lost = 1;
      this.note((error as Error).message);
    }
    const { name } = fault;
    return {
      name,
      injected: this.#injected,
      recoveredMs: this.#recoveredMs,
      lost,
      notes: this.#notes,
    };
  }
}

/** Bounds `promise`. @throws {Error} after `boundMs` milliseconds */
export async function within<T>(promise: Promise<T>, boundMs: number, what: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    const text = `${what}: expected it within ${seconds(boundMs)}, found nothing`;
    timer = setTimeout(() => reject(new Error(text)), boundMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits for `ms` milliseconds. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Milliseconds for people. */
export function seconds(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}
