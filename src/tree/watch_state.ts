/** The state of a driver that opens, for the log and for those who show it. @module */
import type { Driver } from "../driver/driver.ts";
import type { DriverLog } from "../driver/manifest.ts";
import { messageOf } from "../wire/error.ts";
import { isUsable, problemLine } from "./degraded.ts";
import type { DriverNode } from "./node.ts";

/** Where a driver is in its life. */
type InstanceState = "opening" | "open" | "degraded" | "closed";

/** Who is told. */
export interface StateOptions {
  /** Aborted when the lease ends. */
  readonly signal: AbortSignal;
  /** The log of one driver. */
  readonly log: (node: DriverNode) => DriverLog;
  /** Receives each driver's state, with the reason if it is degraded. */
  onState?(node: DriverNode, state: InstanceState, reason?: unknown): void;
}

/** The steps of a driver. */
export interface Steps {
  /** Rejects with the reason why the driver cannot be called. */
  readonly driver: Promise<Driver>;
  /** Resolves with the problem of its hardware, if there is one; such a driver may open anyway. */
  readonly probed: Promise<unknown>;
}

/** Tells the state of a driver, and once why it is degraded. */
export function watchState(
  node: DriverNode,
  { driver, probed }: Steps,
  { signal, log, onState }: StateOptions,
): void {
  onState?.(node, "opening");
  const told = probed.then((problem) => {
    if (problem === undefined || signal.aborted) return undefined;
    log(node).warning(problemLine(node, problem));
    return messageOf(problem);
  });
  driver.then(async () => {
    const problem = await probed;
    if (signal.aborted) return;
    if (problem === undefined || isUsable(problem)) onState?.(node, "open");
    else onState?.(node, "degraded", problem);
  }, async (error) => {
    const reason = error.cause ?? error;
    if (await told !== messageOf(reason)) log(node).error(problemLine(node, reason));
    if (!signal.aborted) onState?.(node, "degraded", reason);
  });
}
