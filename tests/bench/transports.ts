/** The ways from the load to an exporter, and the figures of setting one up. @module */
import { stringify } from "yaml";
import { atRest, connection, IDLE, said, start, startLoad, type Transport } from "./connection.ts";
import { openCrowd } from "./crowd.ts";
import { less } from "./figure.ts";
import { openHosted, openLeased } from "./leased.ts";
import type { Rig } from "./rig.ts";
import { scenarios, uploads } from "./scenarios.ts";

/** Ways by the names that the command line takes. */
export const transports = {
  direct: openDirect,
  leased: openLeased,
  delayed: openDelayed,
  python: openHosted,
  crowd: openCrowd,
} as const;

/** @see transports */
export type TransportName = keyof typeof transports;

/** Over a socket of the file system. */
async function openDirect(rig: Rig): Promise<Transport> {
  const config = await rig.write("exporter.yaml", standaloneConfig(rig.tree));
  return {
    title: "Over a Unix socket",
    figures: { start: less("start to first GetReport answered", "ms"), ...IDLE },
    scenarios,
    async connect(name) {
      await using stack = new AsyncDisposableStack();
      const socket = `${rig.dir}/${name}.sock`;
      stack.defer(() => Deno.remove(socket).catch(() => {}));
      const load = stack.use(await startLoad(rig));
      const answered = load.ask({ do: "await_report", path: socket });
      const started = performance.now();
      const exporter = stack.use(start(rig, name, { config, socket }));
      await said(exporter, answered);
      const samples = { start: performance.now() - started, ...await atRest(exporter) };
      await said(exporter, load.ask({ do: "connect", path: socket }));
      return connection({ load, exporter, samples }, stack.move());
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** The round trip of a distant client, in milliseconds. */
const ROUND_TRIP_MS = 20;

/** Over a socket of the file system with a long way in between. */
async function openDelayed(rig: Rig): Promise<Transport> {
  const config = await rig.write("exporter.yaml", standaloneConfig(rig.tree));
  return {
    title: `With a round trip of ${ROUND_TRIP_MS} ms`,
    figures: {},
    scenarios: uploads,
    async connect(name) {
      await using stack = new AsyncDisposableStack();
      const [near, far] = [`${rig.dir}/near.sock`, `${rig.dir}/${name}.sock`];
      stack.defer(() => Deno.remove(far).catch(() => {}));
      const load = stack.use(await startLoad(rig));
      const answered = load.ask({ do: "await_report", path: far });
      const exporter = stack.use(start(rig, name, { config, socket: far }));
      await said(exporter, answered);
      const delay = stack.use(rig.startDelay(near, far, ROUND_TRIP_MS));
      await delay.ask({});
      await said(exporter, load.ask({ do: "connect", path: near }));
      return connection({ load, exporter, samples: {} }, stack.move());
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function standaloneConfig(tree: Record<string, unknown>): string {
  const metadata = { namespace: "lab", name: "board" };
  const kind = { apiVersion: "jumpstarter.dev/v1alpha1", kind: "ExporterConfig" };
  return stringify({ ...kind, metadata, export: tree });
}
