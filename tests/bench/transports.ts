/** The ways from the load to an exporter, and the figures of setting one up. @module */
import { stringify } from "yaml";
import type { Configs, Question } from "./controller.ts";
import { command, Exporter, type Name } from "./exporters.ts";
import { type Figures, less, type Samples } from "./figure.ts";
import type { Peer } from "./peer.ts";
import type { Rig } from "./rig.ts";
import { type Scenario, scenarios, uploads } from "./scenarios.ts";

/** How long an exporter is idle before its memory is measured, in milliseconds. */
const IDLE_MS = 2_000;

/** An exporter that the load is connected to, and the samples so far. */
export interface Connection extends AsyncDisposable {
  readonly exporter: Exporter;
  readonly load: Peer;
  readonly samples: Samples;
}

/** One way, ready for either exporter. */
export interface Transport extends AsyncDisposable {
  readonly title: string;
  /** Figures of {@linkcode Connection.samples}. */
  readonly figures: Figures;
  /** The scenarios of this way. */
  readonly scenarios: readonly Scenario[];
  connect(name: Name): Promise<Connection>;
}

const IDLE: Figures = {
  idle_rss: less("idle memory, RSS", "MB"),
  idle_pss: less("idle memory, PSS", "MB"),
};

/** Ways by the names that the command line takes. */
export const transports = { direct: openDirect, leased: openLeased, delayed: openDelayed } as const;

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
      const samples = { start: performance.now() - started, ...await idle(exporter) };
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

/** Under a lease: a controller over TLS, and a router between. */
async function openLeased(rig: Rig): Promise<Transport> {
  await using owner = new AsyncDisposableStack();
  const controller = owner.use(rig.startController());
  const owned = owner.move();
  return {
    title: "Through a controller and a router (TLS)",
    figures: {
      start: less("start to available at the controller", "ms"),
      ...IDLE,
      lease: less("lease given to client connected", "ms"),
    },
    scenarios,
    async connect(name) {
      await using stack = new AsyncDisposableStack();
      const load = stack.use(await startLoad(rig));
      const files = await setUp(rig, controller, name);
      const available = ask(controller, { do: "available", exporter: name });
      const started = performance.now();
      const exporter = stack.use(start(rig, name, { config: files.exporter }));
      await said(exporter, available);
      const samples = { start: performance.now() - started, ...await idle(exporter) };
      const leased = performance.now();
      const { lease } = await ask<{ lease: string }>(controller, { do: "lease", exporter: name });
      stack.defer(() => ask(controller, { do: "end", lease }));
      await said(exporter, load.ask({ do: "connect", config: files.client, lease }));
      const all = { ...samples, lease: performance.now() - leased };
      return connection({ load, exporter, samples: all }, stack.move());
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Makes the exporter known and writes its config, and the client's. */
async function setUp(rig: Rig, controller: Peer, exporter: Name): Promise<Configs> {
  const texts = await ask<Configs>(controller, { do: "setUp", exporter, tree: rig.tree });
  return {
    exporter: await rig.write(`${exporter}.yaml`, texts.exporter),
    client: await rig.write("client.yaml", texts.client),
  };
}

function ask<T>(controller: Peer, question: Question): Promise<T> {
  return controller.ask<T>({ ...question });
}

/** A client that already runs, because its start must not count. */
async function startLoad(rig: Rig): Promise<Peer> {
  const load = rig.startLoad();
  await load.ask({ do: "versions" });
  return load;
}

function start(rig: Rig, name: Name, place: { config: string; socket?: string }): Exporter {
  return new Exporter(command(name, rig.bin, place), rig.env);
}

async function idle(exporter: Exporter): Promise<Samples> {
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
  const { rss, pss } = exporter.memory();
  return { idle_rss: rss, idle_pss: pss };
}

/** Adds the exporter's output to a failure. */
async function said<T>(exporter: Exporter, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (cause) {
    throw new Error(`${cause}\nThe exporter said:\n${exporter.tail}`, { cause });
  }
}

function connection(
  parts: Omit<Connection, typeof Symbol.asyncDispose>,
  stack: AsyncDisposableStack,
): Connection {
  stack.defer(() => parts.load.ask({ do: "disconnect" }).then(() => {}));
  return { ...parts, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}
