/** A day with a controller that flaps, on a clock that jumps from timer to timer. @module */
import { ExporterStatus } from "../../src/wire/gen/jumpstarter/v1/common.ts";
import { Code, RpcError } from "../controller/rpc_error.ts";
import { type RunningExporter, startExporter } from "../exporter.ts";
import { FakeClock } from "./fake_clock.ts";
import type { Bench, Fault } from "./fault.ts";
import { FlappingController, type Trouble } from "./flapping_controller.ts";
import { ownFootprint, staysFlat } from "./footprint.ts";

const { EXPORTER_STATUS_AVAILABLE: AVAILABLE, EXPORTER_STATUS_LEASE_READY: READY } = ExporterStatus;

const CONFIG = `
apiVersion: jumpstarter.dev/v1alpha1
kind: ExporterConfig
metadata: { namespace: lab, name: demo }
endpoint: "controller.invalid:443"
token: secret
export:
  power: { type: jumpstarter_driver_power.driver.MockPower }
`;

const HOUR_MS = 3_600_000;

/**
 * How long the exporter may take after the last fault, on its clock: the longest wait between two
 * tries, twice, after a call that took its full time.
 */
const SETTLED_MS = 60_000;

/** @see Fault */
export const flapping: Fault = {
  name: "flapping",
  async run(bench) {
    const seed = Number(Deno.env.get("FAULT_SEED") ?? Date.now() % 1_000_000);
    const random = generator(seed);
    using clock = new FakeClock();
    using controller = new FlappingController(random);
    const running = await startExporter(CONFIG);
    try {
      await flapForADay(bench, new Day(clock, controller, random), running);
      bench.note(`seed ${seed}`);
    } catch (error) {
      throw new Error(`FAULT_SEED=${seed}: ${(error as Error).message}`);
    } finally {
      // The goodbye waits on the fake clock, too.
      running.exporter.stop();
      await clock.pass(SETTLED_MS);
      await running[Symbol.asyncDispose]();
    }
  },
};

async function flapForADay(bench: Bench, day: Day, { records }: RunningExporter): Promise<void> {
  await day.settle();
  // The first hour loads and compiles everything that a day needs.
  bench.recovered(await day.hour(bench));
  const before = await ownFootprint();
  for (let hour = 1; hour < (bench.quick ? 6 : 24); hour++) {
    bench.recovered(await day.hour(bench));
  }
  await day.leaseWorks();
  bench.note(`${day.leases} leases; the times are those of its clock`);
  // The test itself keeps every line of the log.
  records.length = 0;
  await staysFlat(bench, before, ownFootprint);
}

class Day {
  readonly #clock: FakeClock;
  readonly #controller: FlappingController;
  readonly #random: () => number;
  leases = 0;

  constructor(clock: FakeClock, controller: FlappingController, random: () => number) {
    this.#clock = clock;
    this.#controller = controller;
    this.#random = random;
  }

  /** An hour of faults, a few seconds apart; then calm. Returns how long the exporter took then. */
  async hour(bench: Bench): Promise<number> {
    const end = this.#clock.now + HOUR_MS;
    let count = 0;
    for (; this.#clock.now < end; count++) {
      this.#flap();
      await this.#clock.pass(this.#random() * 8_000);
    }
    bench.inject(`${count} faults in an hour`, count);
    return await this.settle();
  }

  /** Stops the faults and waits until the exporter has the state that the controller wants. */
  async settle(): Promise<number> {
    const { now } = this.#clock;
    this.#controller.away = false;
    this.#controller.trouble([]);
    await this.#reach(() => this.#isSettled());
    return this.#clock.now - now;
  }

  /** One more lease, from AVAILABLE to AVAILABLE. */
  async leaseWorks(): Promise<void> {
    this.#controller.give(undefined);
    await this.settle();
    this.#controller.give("the last lease");
    await this.settle();
    this.#controller.give(undefined);
    await this.settle();
  }

  #isSettled(): boolean {
    const { registered, watching, status, lease, listening } = this.#controller;
    const fits = lease === undefined ? status === AVAILABLE : status === READY && listening;
    return registered && watching && fits;
  }

  async #reach(condition: () => boolean): Promise<void> {
    await this.#clock.pass(SETTLED_MS, condition);
    if (condition()) return;
    const { registered, watching, status, lease, listening } = this.#controller;
    const found = { registered, watching, status: ExporterStatus[status], lease, listening };
    throw new Error(`Cannot see the exporter settle, found ${JSON.stringify(found)}`);
  }

  #flap(): void {
    const controller = this.#controller;
    const flaps = [
      () => controller.endStreams("Status", this.#perhapsAnError()),
      () => controller.endStreams("Status", this.#perhapsAnError()),
      () => controller.endStreams("Listen", this.#perhapsAnError()),
      () => controller.trouble(this.#troubles()),
      () => controller.trouble(this.#troubles()),
      () => controller.give(undefined),
      () => this.#lease(),
      () => this.#lease(),
      () => controller.forget(),
      () => this.#outage(),
      () => controller.away = false,
      () => controller.away = false,
      () => controller.away = false,
      () => this.#lease(),
      () => this.#lease(),
    ];
    flaps[Math.floor(this.#random() * flaps.length)]!();
  }

  /** As controllers do: the exporter becomes available, or gets the next lease without a pause. */
  #lease(): void {
    const { status, registered, lease } = this.#controller;
    const free = lease === undefined && registered && status === AVAILABLE;
    if (free || (lease !== undefined && this.#random() < 0.3)) {
      this.#controller.give(`lease-${++this.leases}`);
    }
  }

  #outage(): void {
    this.#controller.away = true;
    for (const method of ["Status", "Listen"] as const) {
      this.#controller.endStreams(method, this.#perhapsAnError());
    }
  }

  #perhapsAnError(): RpcError | undefined {
    return this.#random() < 0.5 ? new RpcError(Code.UNKNOWN, "last seen time mismatch") : undefined;
  }

  #troubles(): Trouble[] {
    const kinds: Trouble[] = ["refused", "answer lost", "too late"];
    const length = 1 + Math.floor(this.#random() * 5);
    return Array.from({ length }, () => kinds[Math.floor(this.#random() * kinds.length)]!);
  }
}

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
