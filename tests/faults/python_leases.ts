/** Many leases in a row with hosted Python drivers, some of which leave daemons. @module */
import { testPython } from "../python/lab.ts";
import { Marked } from "../python/marked.ts";
import { until } from "../until.ts";
import type { Bench, Fault } from "./fault.ts";
import { Lab } from "./lab.ts";

/** Leases until everything that a lease needs is loaded and mostly compiled. */
const WARM_UP = 10;

const DAEMONS_S = 65_432;

const EXPORT = {
  power: { type: "jumpstarter_driver_power.driver.MockPower", python: true },
  faulty: { type: "faulty.Faulty", config: { daemons: DAEMONS_S } },
};

/** @see Fault */
export const pythonLeases: Fault = {
  name: "python-leases",
  async run(bench) {
    using processes = new Marked({ JMP_PYTHON: await testPython() });
    await using lab = await Lab.start({ export: EXPORT });
    for (let lease = 0; lease < WARM_UP; lease++) await lab.leaseWorks();
    const [before, host] = [await lab.footprint(), await traces(processes)];
    const count = bench.quick ? 20 : 300;
    bench.inject(`${count} leases with Python drivers`, count);
    for (let lease = 0; lease < count; lease++) await lab.leaseWorks();
    await lab.staysFlat(bench, before);
    await assertFlat(bench, host, processes);
  },
};

/** What leases may leave beside the exporter. */
interface Traces {
  /** The exporter, the host, and what leases have left. */
  readonly processes: number;
  readonly files: number;
  readonly hostDescriptors: number;
  /** Memory of the host that no file holds, in kB. */
  readonly hostKb: number;
  /** The host's share of memory, in kB. */
  readonly hostPssKb: number;
}

async function traces(processes: Marked): Promise<Traces> {
  const [host] = await processes.named("jmp-python");
  const memory = await Deno.readTextFile(`/proc/${host}/smaps_rollup`);
  const kb = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(memory)?.[1]);
  const daemons = await processes.commands(`sleep ${DAEMONS_S}`);
  return {
    processes: new Set([...await processes.all(), ...daemons]).size,
    files: processes.files().length,
    hostDescriptors: (await Array.fromAsync(Deno.readDir(`/proc/${host}/fd`))).length,
    hostKb: kb("Anonymous"),
    hostPssKb: kb("Pss"),
  };
}

/** The host may keep a page or two for each of its lists; a lease that leaks would cost more. */
const SLACK_KB = 1_000;

/** @throws {Error} if leases have left something */
async function assertFlat(bench: Bench, before: Traces, processes: Marked): Promise<void> {
  let now = await traces(processes);
  const isFlat = () =>
    now.processes <= before.processes && now.files <= before.files &&
    now.hostDescriptors <= before.hostDescriptors && now.hostKb <= before.hostKb + SLACK_KB;
  await until(async () => {
    now = await traces(processes);
    return isFlat();
  }, 10_000).catch(() => {});
  const compared = (Object.keys(before) as (keyof Traces)[])
    .map((key) => `${key} ${before[key]}→${now[key]}`).join(", ");
  if (!isFlat()) throw new Error(`Leases have left something: ${compared}`);
  bench.note(compared);
}
