/** Faults, and the outcomes of their runs. @module */

/** One kind of fault, with the proof that the exporter recovers from it. */
export interface Fault {
  /** Its name in the table and on the command line. */
  readonly name: string;
  /** Injects the fault as often as the bench asks for. @throws {Error} on the first loss */
  run(bench: Bench): Promise<void>;
}

/** The outcome of a fault's run. */
export interface Outcome {
  readonly name: string;
  readonly injected: number;
  /** From the end of each fault until everything worked, in milliseconds. */
  readonly recoveredMs: readonly number[];
  /** Number of faults from which the exporter did not recover in time; must be 0. */
  readonly lost: number;
  readonly notes: readonly string[];
}

/** How long an exporter may take to recover if the fault sets no other bound. */
export const RECOVERY_MS = 30_000;

/** Counts faults and recoveries. */
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

  /** Adds a note to the table. */
  note(text: string): void {
    this.#notes.push(text);
    this.#progress(text);
  }

  /**
   * Measures a recovery.
   * @throws {Error} if it takes longer than `boundMs`
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

  /** Runs `fault`; an error of the run counts as one loss. */
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
