/** A session whose drivers a second session serves, as if it were another process. @module */
import type { DriverLike } from "../../driver/mod.ts";
import { serveDrivers, type ServedSession, serveEntries } from "../../session/testing.ts";
import type { DriverProcess } from "../../tree/driver_process.ts";
import type { Entry } from "../../tree/entry.ts";
import type { HostedRow } from "../../tree/hosted.ts";
import { driverUuid } from "../../tree/uuid.ts";
import type { DriverError } from "../../wire/error.ts";
import { cuttableWay } from "./cut_testing.ts";
import type { Launched, ProcessEnd } from "./launched.ts";
import { ServedProcess } from "./served_process.ts";

/** @see module */
export interface HostedSession extends AsyncDisposable {
  /** The exporter's session. */
  readonly outer: ServedSession;
  /** How often the process was started. */
  readonly starts: number;
  /** Ends the process, which had said `lastLines`. */
  kill(how: string, ...lastLines: string[]): Promise<void>;
}

/** What differs between tests. */
export interface HostedOptions {
  readonly problems?: ReadonlyMap<string, DriverError>;
  /** Entries beside those of the process. */
  readonly others?: readonly Entry[];
}

const empty = { methodsDescription: {}, labels: {}, children: [] };

/** Serves `drivers` by name in the other process; names with dots are children that it makes itself. */
export async function hostedSession(
  drivers: Record<string, DriverLike>,
  { problems = new Map(), others = [] }: HostedOptions = {},
): Promise<HostedSession> {
  let starts = 0;
  let kill: HostedSession["kill"] = () => Promise.resolve();
  const launch = async (): Promise<Launched> => {
    starts += 1;
    const flat = Object.entries(drivers).map(([name, made]) => [name.replaceAll(".", "/"), made]);
    const inner = await serveDrivers(Object.fromEntries(flat));
    const ended = Promise.withResolvers<ProcessEnd>();
    const way = cuttableWay((inner.address as { path: string }).path);
    kill = async (how, ...lastLines) => {
      way.cut();
      await inner[Symbol.asyncDispose]();
      ended.resolve({ how, lastLines });
    };
    return {
      pid: 0,
      socket: way.path,
      rows: Object.keys(drivers).map((path) => rowOf(path, inner)),
      problems,
      ended: ended.promise,
      close: () => kill("exit code 0"),
    };
  };
  const process: DriverProcess = {
    name: "the other process",
    start: (options) => new ServedProcess({ ...options, name: "the other process", launch }),
  };
  const names = Object.keys(drivers).filter((name) => !name.includes("."));
  const outer = await serveEntries([
    ...[...names, ...problems.keys()].map((name): Entry => ({
      kind: "driver",
      name,
      type: `other.${name}`,
      source: { process },
      ...empty,
    })),
    ...others,
  ]);
  return {
    outer,
    get starts() {
      return starts;
    },
    kill: (...given) => kill(...given),
    [Symbol.asyncDispose]: () => outer[Symbol.asyncDispose](),
  };
}

function rowOf(path: string, inner: ServedSession): HostedRow {
  return {
    path,
    uuid: driverUuid({ namespace: "lab", name: "bench" }, path),
    remoteUuid: inner.uuid(path.replaceAll(".", "/")),
    labels: { "jumpstarter.dev/client": `other.${path}` },
    methodsDescription: {},
  };
}
