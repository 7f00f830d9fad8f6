/** Processes of Python drivers that are killed at any moment of a lease. @module */
import { leasedOf } from "../python/exporter_lab.ts";
import { testPython } from "../python/lab.ts";
import { Marked, type PythonProcessName } from "../python/marked.ts";
import { until } from "../until.ts";
import { type Bench, type Fault, pause, within } from "./fault.ts";
import { Lab } from "./lab.ts";

const DAEMONS_S = 98_765;

const EXPORT = {
  power: { type: "jumpstarter_driver_power.driver.MockPower", python: true },
  faulty: { type: "faulty.Faulty", config: { daemons: DAEMONS_S } },
};

const VICTIMS: readonly PythonProcessName[] = ["jmp-drivers", "jmp-keeper", "jmp-python"];

/** How long a call may take that is in flight when its process is killed. */
const ANSWER_MS = 10_000;

/** @see Fault */
export const pythonKilled: Fault = {
  name: "python-killed",
  async run(bench) {
    using processes = new Marked({ JMP_PYTHON: await testPython() });
    await using lab = await Lab.start({ export: EXPORT });
    for (let lease = 0; lease < 3; lease++) await lab.leaseWorks();
    const before = await lab.footprint();
    const [running, files] = [(await processes.all()).length, processes.files().length];
    const count = bench.quick ? 6 : 60;
    for (let round = 0; round < count; round++) {
      await oneKill(bench, lab, processes, VICTIMS[round % VICTIMS.length]!);
    }
    await lab.leaseWorks();
    await lab.staysFlat(bench, before);
    await until(async () => {
      const daemons = await processes.commands(`sleep ${DAEMONS_S}`);
      return daemons.length === 0 && (await processes.all()).length <= running &&
        processes.files().length <= files;
    }, 10_000);
  },
};

async function oneKill(bench: Bench, lab: Lab, processes: Marked, victim: PythonProcessName) {
  const { call, end } = await leasedOf(lab.controller, "demo", (lease) => lab.session(lease));
  // Some calls are answered, some fail; none of them waits for ever.
  const calls = ["on", "off", "on"].map((method) => call("power", method).catch(() => {}));
  const hanging = call("faulty", "hang").catch(() => {});
  await pause(Math.random() * 400);
  const pids = await processes.named(victim);
  bench.inject(`${victim} killed`, pids.length);
  for (const pid of pids) Deno.kill(pid, "SIGKILL");
  await within(Promise.all(calls), ANSWER_MS, "Cannot see the end of calls");
  if (pids.length > 0) {
    await bench.recovery(() => callWorks(call));
  }
  await end();
  await hanging;
  await lab.available();
}

async function callWorks(call: (path: string, method: string) => Promise<unknown>) {
  for (;;) {
    try {
      return await call("power", "on");
    } catch {
      await pause(50);
    }
  }
}
