/** Starts the Python drivers of one exporter for one lease. @module */
import { fulfilledWithin, withDeadline } from "../../base/deadline.ts";
import type { Launch, Launched } from "../process/launched.ts";
import type { PythonChildOptions, PythonEntry } from "./child_options.ts";
import { LeasePlace } from "./lease_place.ts";
import { HostHasEnded, KILL_MS, PythonChild } from "./python_child.ts";
import { DriverFails, StepLimit } from "./step_limit.ts";
import { isWithin } from "../../tree/path.ts";
import type { WarmPython } from "./warm_python.ts";

/** How long a child may take to start, and for each of its drivers, in ms. */
const START_MS = 30_000;

/**
 * The function that starts a child; each call starts another one. An entry whose driver hangs, or
 * ends the child, is left out: a further child starts without it.
 */
export function launchPython(warm: WarmPython, options: PythonChildOptions): Launch {
  return async (signal) => {
    const { suspects = new Set() } = options;
    const failed = new Map<string, DriverFails>();
    for (;;) {
      const entries = options.entries.filter(({ path }) => !failed.has(path.join(".")));
      try {
        const launched = await startOnHost(warm, { ...options, entries, suspects }, signal);
        for (const { path } of entries) suspects.delete(path.join("."));
        return { ...launched, problems: new Map([...launched.problems, ...failed]) };
      } catch (error) {
        const path = error instanceof DriverFails ? entryAt(entries, error.path) : undefined;
        if (path === undefined) throw error;
        failed.set(path, error as DriverFails);
        suspects.add(path);
      }
    }
  };
}

/** The path of the entry that defines the driver at `path`. */
function entryAt(entries: readonly PythonEntry[], path: string): string | undefined {
  return entries.map((entry) => entry.path.join("."))
    .find((entry) => isWithin(path, entry));
}

/** Starts a child; once more, if the host ends meanwhile. */
async function startOnHost(...given: Parameters<typeof start>): Promise<Launched> {
  try {
    return await start(...given);
  } catch (error) {
    if (!(error instanceof HostHasEnded)) throw error;
    return await start(...given);
  }
}

async function start(
  warm: WarmPython,
  options: PythonChildOptions & { readonly suspects: ReadonlySet<string> },
  signal: AbortSignal,
): Promise<Launched> {
  signal.throwIfAborted();
  const { entries, startMs: ms = START_MS, limits = {}, suspects } = options;
  const isSuspect = (path: string) => suspects.has(entryAt(entries, path) ?? path);
  using limit = new StepLimit({ ms, signal, isSuspect });
  const place = new LeasePlace();
  const { folder, temporary } = place;
  const starting = warm.fork({ folder, temporary, limits })
    .then((child) => new PythonChild(child, place, options));
  try {
    const child = await withDeadline(starting, limit);
    return await child.start(warm, limit);
  } catch (error) {
    starting.then((child) => child.kill(), () => place[Symbol.asyncDispose]());
    await fulfilledWithin(KILL_MS, starting.then((child) => child.ended)).catch(() => {});
    throw error;
  }
}
