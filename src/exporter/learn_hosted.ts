/** Learns at the start what the processes of other drivers will serve. @module */
import { withDeadline } from "../base/deadline.ts";
import type { DriverTree } from "../tree/driver_tree.ts";
import { HostedProcesses } from "../tree/hosted_processes.ts";
import type { Log } from "../log/log.ts";
import { problemLine } from "../tree/degraded.ts";
import { driverLog } from "./driver_log.ts";
import type { ExporterStore } from "./store.ts";

/** How long a process may take to start and to close, in ms. */
const OPEN_MS = 30_000, CLOSE_MS = 10_000;

/** What learning needs. */
export interface LearnOptions {
  readonly log: Log;
  readonly store: ExporterStore;
  readonly signal: AbortSignal;
}

/**
 * Starts the processes that serve drivers, takes their reports into the tree, and ends them, as
 * the official exporter makes its drivers once before it registers. Leases start them again. Ends
 * early when the signal aborts.
 */
export async function learnHosted(
  tree: DriverTree,
  { log, store, signal }: LearnOptions,
): Promise<void> {
  await using scope = new AsyncDisposableStack();
  const processes = new HostedProcesses(tree, {
    scope,
    signal,
    log: (node) => driverLog(log, node),
    openTimeoutMs: OPEN_MS,
    closeTimeoutMs: CLOSE_MS,
  });
  await withDeadline(processes.reported, { signal }).catch(() => {});
  if (signal.aborted) return;
  for (const node of processes.nodes) {
    try {
      await processes.of(node);
    } catch (error) {
      log.warning(problemLine(node, error));
      store.setDriver(node, "degraded", error);
    }
  }
}
