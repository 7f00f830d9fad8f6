/** Several exporters with Python drivers on one host, for their memory. @module */
import {
  atRest,
  type Connection,
  connection,
  IDLE,
  said,
  startLoad,
  type Transport,
} from "./connection.ts";
import { Exporters, type Name } from "./exporters.ts";
import { less } from "./figure.ts";
import { ask, startLeased } from "./leased.ts";
import type { Peer } from "./peer.ts";
import type { Rig } from "./rig.ts";

const COUNT = 8;

/** All of them idle, then all of them leased. */
export async function openCrowd(rig: Rig): Promise<Transport> {
  await using owner = new AsyncDisposableStack();
  const controller = owner.use(rig.startController());
  const owned = owner.move();
  return {
    title: `${COUNT} exporters with Python drivers`,
    figures: {
      ...IDLE,
      leased_rss: less("memory with all leased, RSS", "MB"),
      leased_pss: less("memory with all leased, PSS", "MB"),
      leased_anonymous: less("memory with all leased, PSS without pages of files", "MB"),
    },
    scenarios: [],
    connect: (name) => connect(rig, controller, name),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function connect(rig: Rig, controller: Peer, name: Name): Promise<Connection> {
  await using stack = new AsyncDisposableStack();
  const load = stack.use(await startLoad(rig));
  const exporter = stack.use(new Exporters());
  const names = Array.from({ length: COUNT }, (_, index) => `${name}-${index + 1}`);
  let client = "";
  for (const as of names) {
    const started = await startLeased(rig, controller, { name, as, tree: rig.pythonTree });
    exporter.add(started.exporter);
    client = started.client;
  }
  const idle = await atRest(exporter);
  let lease = "";
  for (const as of names) {
    const leased = ask<{ lease: string }>(controller, { do: "lease ready", exporter: as });
    const { lease: own } = await said(exporter, leased);
    stack.defer(() => ask(controller, { do: "end", lease: own }));
    lease = own;
  }
  await said(exporter, load.ask({ do: "connect", config: client, lease }));
  const samples = { ...idle, ...await atRest(exporter, "leased") };
  return connection({ load, exporter, samples }, stack.move());
}
