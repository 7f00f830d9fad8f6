/** What all ways from the load to an exporter have in common. @module */
import { command, Exporter, type Measured, type Place } from "./exporters.ts";
import type { Name } from "./exporters.ts";
import { type Figures, less, type Samples } from "./figure.ts";
import type { Peer } from "./peer.ts";
import type { Rig } from "./rig.ts";
import type { Scenario } from "./scenarios.ts";

/** How long an exporter is idle before its memory is measured, in milliseconds. */
const IDLE_MS = 2_000;

/** An exporter, or several, that the load is connected to, and the samples so far. */
export interface Connection extends AsyncDisposable {
  readonly exporter: Measured;
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

/** The figures of {@linkcode atRest} for `idle`. */
export const IDLE: Figures = {
  idle_rss: less("idle memory, RSS", "MB"),
  idle_pss: less("idle memory, PSS", "MB"),
  idle_anonymous: less("idle memory, PSS without pages of files", "MB"),
};

/** The memory of an exporter that has had time to rest, with keys that begin with `state`. */
export async function atRest(exporter: Measured, state = "idle"): Promise<Samples> {
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
  const { rss, pss, anonymous } = exporter.memory();
  return { [`${state}_rss`]: rss, [`${state}_pss`]: pss, [`${state}_anonymous`]: anonymous };
}

/** A client that already runs, because its start must not count. */
export async function startLoad(rig: Rig): Promise<Peer> {
  const load = rig.startLoad();
  await load.ask({ do: "versions" });
  return load;
}

/** Starts an exporter; the caller disposes it. */
export function start(rig: Rig, name: Name, place: Place): Exporter {
  return new Exporter(command(name, rig.bin, place), rig.env);
}

/** Adds the exporter's output to a failure. */
export async function said<T>(exporter: Measured, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (cause) {
    throw new Error(`${cause}\nThe exporter said:\n${exporter.tail}`, { cause });
  }
}

/** A connection that ends with the load's, then with all that `stack` has. */
export function connection(
  parts: Omit<Connection, typeof Symbol.asyncDispose>,
  stack: AsyncDisposableStack,
): Connection {
  stack.defer(() => parts.load.ask({ do: "disconnect" }).then(() => {}));
  return { ...parts, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}
