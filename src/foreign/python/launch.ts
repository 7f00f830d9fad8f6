/** Starts the Python drivers of one exporter for one lease. @module */
import { fulfilledWithin, withDeadline } from "../../base/deadline.ts";
import type { Launch, Launched } from "../process/launched.ts";
import type { PythonChildOptions, PythonEntry } from "./child_options.ts";
import { LeasePlace } from "./lease_place.ts";
import { KILL_MS, PythonChild } from "./python_child.ts";
import { DriverHangs, StepLimit } from "./step_limit.ts";
import type { WarmPython } from "./warm_python.ts";

/** How long a child may take to start, and for each of its drivers, in ms. */
const START_MS = 30_000;

/**
 * The function that starts a child; each call starts another one. An entry whose driver hangs is
 * left out: a further child starts without it.
 */
export function launchPython(warm: WarmPython, options: PythonChildOptions): Launch {
  return async (signal) => {
    const { suspects = new Set() } = options;
    const hanging = new Map<string, DriverHangs>();
    for (;;) {
      const entries = options.entries.filter(({ path }) => !hanging.has(path.join(".")));
      try {
        const launched = await start(warm, { ...options, entries, suspects }, signal);
        for (const { path } of entries) suspects.delete(path.join("."));
        return { ...launched, problems: new Map([...launched.problems, ...hanging]) };
      } catch (error) {
        const path = error instanceof DriverHangs ? entryAt(entries, error.path) : undefined;
        if (path === undefined) throw error;
        hanging.set(path, error as DriverHangs);
        suspects.add(path);
      }
    }
  };
}

/** The path of the entry that defines the driver at `path`. */
function entryAt(entries: readonly PythonEntry[], path: string): string | undefined {
  return entries.map((entry) => entry.path.join("."))
    .find((entry) => path === entry || path.startsWith(`${entry}.`));
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
