/** The ways through a controller over TLS and a router, to native or to Python drivers. @module */
import type { Configs, Question } from "./controller.ts";
import {
  atRest,
  type Connection,
  connection,
  IDLE,
  said,
  start,
  startLoad,
  type Transport,
} from "./connection.ts";
import type { Exporter, Name } from "./exporters.ts";
import { type Figures, less, type Samples } from "./figure.ts";
import type { Peer } from "./peer.ts";
import type { Rig } from "./rig.ts";
import { hostedScenarios, type Scenario, scenarios } from "./scenarios.ts";

const STARTED: Figures = {
  start: less("start to available at the controller", "ms"),
  ...IDLE,
};

/** The drivers that both programs have. */
export function openLeased(rig: Rig): Promise<Transport> {
  return through(rig, {
    title: "Through a controller and a router (TLS)",
    tree: rig.tree,
    figures: { ...STARTED, lease: less("lease given to client connected", "ms") },
    scenarios,
  });
}

/** The same Python drivers in both: ours hosts them. */
export function openHosted(rig: Rig): Promise<Transport> {
  return through(rig, {
    title: "Python drivers, through a controller and a router (TLS)",
    tree: rig.pythonTree,
    figures: {
      ...STARTED,
      lease: less("lease given to client connected", "ms"),
      first: less("lease given to first call answered", "ms"),
      leased_rss: less("memory in a lease, RSS", "MB"),
      leased_pss: less("memory in a lease, PSS", "MB"),
      leased_anonymous: less("memory in a lease, PSS without pages of files", "MB"),
    },
    scenarios: hostedScenarios,
    connected: async ({ load, exporter, lap }) => {
      await said(exporter, load.ask({ do: "first_call" }));
      return { first: lap(), ...await atRest(exporter, "leased") };
    },
  });
}

interface Way {
  readonly title: string;
  readonly tree: Record<string, unknown>;
  readonly figures: Figures;
  readonly scenarios: readonly Scenario[];
  /** Further samples, taken as soon as the client is connected; `lap` is the time since the lease. */
  connected?(parts: { load: Peer; exporter: Exporter; lap(): number }): Promise<Samples>;
}

async function through(rig: Rig, way: Way): Promise<Transport> {
  const { title, figures, scenarios } = way;
  await using owner = new AsyncDisposableStack();
  const controller = owner.use(rig.startController());
  const owned = owner.move();
  return {
    ...{ title, figures, scenarios },
    connect: (name) => connect(rig, controller, way, name),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function connect(rig: Rig, controller: Peer, way: Way, name: Name): Promise<Connection> {
  await using stack = new AsyncDisposableStack();
  const load = stack.use(await startLoad(rig));
  const started = await startLeased(rig, controller, { name, tree: way.tree });
  const exporter = stack.use(started.exporter);
  const samples = { start: started.ms, ...await atRest(exporter) };
  const leased = performance.now();
  const lap = () => performance.now() - leased;
  const { lease } = await ask<{ lease: string }>(controller, { do: "lease", exporter: name });
  stack.defer(() => ask(controller, { do: "end", lease }));
  await said(exporter, load.ask({ do: "connect", config: started.client, lease }));
  const all = { ...samples, lease: lap(), ...await way.connected?.({ load, exporter, lap }) };
  return connection({ load, exporter, samples: all }, stack.move());
}

/** An exporter that is available at a controller. */
export interface Started {
  readonly exporter: Exporter;
  /** Path of its client's config. */
  readonly client: string;
  /** How long it took, in milliseconds. */
  readonly ms: number;
}

/** Starts an exporter of a controller, as `as`, and waits until it is available. */
export async function startLeased(
  rig: Rig,
  controller: Peer,
  { name, as = name, tree }: { name: Name; as?: string; tree: Record<string, unknown> },
): Promise<Started> {
  const texts = await ask<Configs>(controller, { do: "setUp", exporter: as, tree });
  const config = await rig.write(`${as}.yaml`, texts.exporter);
  const client = await rig.write("client.yaml", texts.client);
  const available = ask(controller, { do: "available", exporter: as });
  const began = performance.now();
  const exporter = start(rig, name, { config });
  try {
    await said(exporter, available);
    return { exporter, client, ms: performance.now() - began };
  } catch (error) {
    await exporter[Symbol.asyncDispose]();
    throw error;
  }
}

/** Asks `controller.ts`. */
export function ask<T>(controller: Peer, question: Question): Promise<T> {
  return controller.ask<T>({ ...question });
}
