/** Helpers for tests of drivers: probe and open a driver as an exporter does, and call it. @module */
import type { Duplex } from "node:stream";
import type { Value } from "../wire/value.ts";
import { CallResources } from "./call_resources.ts";
import { ClientStreams } from "./client_streams.ts";
import type { Driver, UnaryContext } from "../driver/driver.ts";
import type { DriverImplementation, DriverManifest, OpenContext } from "../driver/manifest.ts";
import type { DriverEntry, Entry } from "./entry.ts";
import { asDriver } from "../driver/methods.ts";

/** An entry whose driver is `manifest` with the config `{}`. */
export function entryOf(
  name: string,
  manifest: DriverManifest & DriverImplementation<unknown>,
  children: readonly Entry[] = [],
): DriverEntry {
  return {
    kind: "driver",
    name,
    type: manifest.type,
    source: { manifest, implementation: manifest, config: {} },
    methodsDescription: {},
    labels: {},
    children,
  };
}

/**
 * The context of a client's call; `streams` has the streams of its handles.
 *
 * @example A call that the client cancels: `driver.call("on", [], callContext(leaving.signal))`
 */
export function callContext(
  signal: AbortSignal = new AbortController().signal,
  streams: ClientStreams = new ClientStreams(),
  connection?: AbortSignal,
): UnaryContext {
  const resources = new CallResources(streams, [], signal, { warning() {} });
  return { signal, resources, ...(connection && { connection }) };
}

/** An open driver; disposing it ends its lease. */
export interface OpenedDriver extends AsyncDisposable {
  readonly driver: Driver;
  /** `level: message`, oldest first. */
  readonly logged: string[];
  /** Aborted at the end of the lease. */
  readonly signal: AbortSignal;
  call(method: string, ...args: Value[]): Promise<unknown>;
  /** Collects everything that a stream method yields. */
  stream(method: string, ...args: Value[]): Promise<unknown[]>;
  bytes(method: string, signal?: AbortSignal): Promise<Duplex>;
}

/** The place of the driver in the tree. @default {at the root, without children} */
export type OpenDriverOptions = Partial<Pick<OpenContext<unknown>, "path" | "children">>;

/**
 * Parses `config`, loads the driver's code and runs its probe, as `jmp check` does.
 *
 * @throws the problem that the probe finds; an Error if the driver has no probe.
 */
export async function probeDriver(
  manifest: DriverManifest,
  config: unknown = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<void> {
  const { probe } = await manifest.load();
  if (!probe) throw new Error(`${manifest.type} has no probe`);
  await probe({ config: await manifest.config.parseAsync(config), signal });
}

/** Parses `config`, loads the driver's code and opens it. */
export async function openDriver(
  manifest: DriverManifest,
  config: unknown = {},
  { path = "driver", children = new Map() }: OpenDriverOptions = {},
): Promise<OpenedDriver> {
  const scope = new AsyncDisposableStack();
  const lease = new AbortController();
  const logged: string[] = [];
  const say = (level: string) => (message: string) => void logged.push(`${level}: ${message}`);
  const log = {
    debug: say("debug"),
    info: say("info"),
    warning: say("warning"),
    error: say("error"),
  };
  const end = async () => {
    lease.abort();
    await scope.disposeAsync();
  };
  const { signal } = lease;
  try {
    const { open } = await manifest.load();
    const parsed: unknown = await manifest.config.parseAsync(config);
    const opened = await open({ config: parsed, path, log, scope, signal, children });
    const driver = asDriver(opened, `'${path}' (${manifest.type})`);
    return {
      driver,
      logged,
      signal,
      call: (method, ...args) => driver.call(method, args, callContext(signal)),
      stream: async (method, ...args) => {
        return await Array.fromAsync(driver.stream(method, args, { signal }));
      },
      bytes: (method, client = signal) => driver.bytes(method, { signal: client }),
      [Symbol.asyncDispose]: end,
    };
  } catch (error) {
    await end();
    throw error;
  }
}
