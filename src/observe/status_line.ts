/** Formats the state of exporters in a line: the status that a service manager shows. @module */
import type { DriverState, ExporterState } from "../exporter/state.ts";
import type { ExporterStore } from "../exporter/store.ts";
import { cut } from "../text/cut.ts";

/** Longest reason of a problem in characters, and most degraded drivers that are named. */
const MAX_REASON = 200, MAX_DRIVERS = 2;

/** Calls `show` with the status line of `stores`, now and at each change of it, until disposed. */
export function showStatus(
  stores: readonly ExporterStore[],
  show: (line: string) => void,
): Disposable {
  const stack = new DisposableStack();
  let shown: string | undefined;
  let scheduled = false;
  const update = () => {
    scheduled = false;
    const line = statusLine(stores.map(({ state }) => state));
    if (line === shown || stack.disposed) return;
    shown = line;
    show(line);
  };
  // Combines the changes of one turn of the event loop.
  const schedule = () => {
    if (!scheduled) queueMicrotask(update);
    scheduled = true;
  };
  for (const store of stores) stack.use(store.subscribe(schedule));
  update();
  return stack;
}

/** Formats one sentence per exporter, prefixed with its name if there are several. */
export function statusLine(states: readonly ExporterState[]): string {
  if (states.length === 1) return sentence(states[0]!);
  return states.map((state) => `${state.name}: ${sentence(state)}`).join(" | ");
}

function sentence(state: ExporterState): string {
  const { shutdown, phase } = state;
  if (phase === "stopped") return "Shutting down";
  const doing = [activity(state), ...connections(state)].join(", ");
  const ending = shutdown === "drain" ? ["stops after the current lease"] : [];
  const parts = shutdown === "now" ? ["shutting down"] : ending;
  return [doing, ...parts, ...troubles(state)].join("; ");
}

/** Describes the lease and its phase; a standalone exporter has no lease to show. */
function activity(state: ExporterState): string {
  const { lease, phase } = state;
  const hook = phase === "before" ? "beforeLease" : phase === "after" ? "afterLease" : undefined;
  const parts = hook ? [`running the ${hook} hook`] : phase === "closing" ? ["closing"] : [];
  if (!lease) return [place(state), ...parts].join(", ");
  const by = lease.client ? `Leased by ${lease.client}` : "Leased";
  return [`${by} since ${time(lease.since)} (lease ${lease.name})`, ...parts].join(", ");
}

/** Describes where clients find an exporter that is not leased. */
function place({ controller, address, namespace, name }: ExporterState): string {
  if (!controller) return address === undefined ? "Starting" : `Serving on ${address}`;
  return controller.registered
    ? `Available as ${namespace}/${name} at ${controller.endpoint}`
    : `Registering at ${controller.endpoint}`;
}

function connections({ lease, address, traffic }: ExporterState): string[] {
  if (!lease && address === undefined) return [];
  const count = traffic.connections;
  return [count === 1 ? "1 connection" : `${count} connections`];
}

function troubles({ controller, drivers }: ExporterState): string[] {
  const degraded = drivers.filter(({ state }) => state === "degraded");
  const more = degraded.length - MAX_DRIVERS;
  return [
    ...(controller?.trouble === undefined ? [] : [reason(controller.trouble)]),
    ...degraded.slice(0, MAX_DRIVERS).map(describe),
    ...(more > 0 ? [`${more} more drivers are degraded`] : []),
  ];
}

function describe({ path, problem }: DriverState): string {
  const why = problem === undefined ? "" : `: ${reason(problem)}`;
  return `driver ${path} is degraded${why}`;
}

function reason(text: string): string {
  const [line = ""] = text.split("\n");
  return cut(line, MAX_REASON);
}

/** Formats a time as `2026-01-31 12:00:00Z`. */
function time(date: Date): string {
  return date.toISOString().replace("T", " ").replace(/\.\d+/, "");
}
