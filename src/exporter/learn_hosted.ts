/** Learns at the start what the processes of other drivers will serve. @module */
import type { DriverTree } from "../tree/driver_tree.ts";
import { HostedProcesses } from "../tree/hosted_processes.ts";
import type { Log } from "../log/log.ts";
import { messageOf } from "../wire/error.ts";
import { driverLog } from "./driver_log.ts";
import type { ExporterStore } from "./store.ts";

/** How long a process may take to start and to close, in ms. */
const OPEN_MS = 60_000, CLOSE_MS = 10_000;

/** What learning needs. */
export interface LearnOptions {
  readonly log: Log;
  readonly store: ExporterStore;
  readonly signal: AbortSignal;
}

/**
 * Starts the processes that serve drivers, takes their reports into the tree, and ends them, as
 * the official exporter makes its drivers once before it registers. Leases start them again.
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
  await processes.reported;
  for (const node of processes.nodes) {
    try {
      await processes.of(node);
    } catch (error) {
      if (signal.aborted) return;
      log.warning(`Driver '${node.path}' is degraded: ${messageOf(error)}`);
      store.setDriver(node, "degraded", error);
    }
  }
}
