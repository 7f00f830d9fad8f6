/** Examines the drivers of a config before they are leased. @module */
import { withDeadline } from "../base/deadline.ts";
import { HardwareProblem, type HardwareState } from "../driver/hardware_problem.ts";
import { DriverInstances } from "../tree/instances.ts";
import type { DriverTree } from "../tree/driver_tree.ts";
import { type DriverNode, drivers } from "../tree/node.ts";
import { probeDriver } from "../tree/bounded_steps.ts";
import type { Log } from "../log/log.ts";
import { messageOf } from "../wire/error.ts";
import { driverLog } from "./driver_log.ts";

/** A problem of a driver. */
export interface DriverProblem {
  readonly path: string;
  readonly message: string;
  readonly state: HardwareState;
  /** The devices that match the config, if it is ambiguous. */
  readonly candidates: readonly string[];
  /** Whether the driver works in spite of the problem. */
  readonly usable: boolean;
}

/** How to examine drivers. */
export interface ExamineOptions {
  /** Whether to open and close every driver too, which may affect the hardware. */
  readonly open: boolean;
  readonly log: Log;
  /** Limit of each probe, in milliseconds. @default 5_000 */
  readonly probeTimeoutMs?: number;
  /** Limit of the probe of a driver in another process. @default 0: they are not probed */
  readonly hostedTimeoutMs?: number;
}

/** Probes all drivers of the tree in parallel. */
export async function examine(tree: DriverTree, options: ExamineOptions): Promise<DriverProblem[]> {
  const nodes = [...drivers(tree.root)];
  const probed = await Promise.all(nodes.map((node) => probe(node, options)));
  const problems = probed.filter((problem) => problem !== undefined);
  const open = options.open && problems.every(({ usable }) => usable);
  return open ? [...problems, ...await openAll(tree, options.log)] : problems;
}

function describe(path: string, error: unknown): DriverProblem {
  const message = messageOf(error);
  if (!(error instanceof HardwareProblem)) {
    return { path, message, state: "failed", candidates: [], usable: false };
  }
  const { state, candidates, usable } = error;
  return { path, message, state, candidates, usable };
}

async function probe(
  node: DriverNode,
  { probeTimeoutMs, hostedTimeoutMs = 0 }: ExamineOptions,
): Promise<DriverProblem | undefined> {
  const { source, path, type } = node;
  if ("unavailable" in source) return describe(path, source.unavailable);
  if (!("process" in source || "implementation" in source)) return undefined;
  if ("implementation" in source) {
    const problem = await probeDriver(
      source,
      probeTimeoutMs === undefined ? {} : { ms: probeTimeoutMs },
    );
    return problem === undefined ? undefined : describe(path, problem);
  }
  if (hostedTimeoutMs === 0) return undefined;
  try {
    const late = () => new Error("the probe did not end");
    await withDeadline(Promise.resolve(source.process.probe?.(type)), {
      ms: hostedTimeoutMs,
      late,
    });
    return undefined;
  } catch (error) {
    return describe(path, error);
  }
}

async function openAll(tree: DriverTree, log: Log): Promise<DriverProblem[]> {
  const abort = new AbortController();
  await using scope = new AsyncDisposableStack();
  scope.defer(() => abort.abort());
  const instances = new DriverInstances(tree, {
    scope,
    signal: abort.signal,
    log: (node) => driverLog(log, node),
  });
  const degraded = await instances.settled();
  return [...degraded].map(([{ path }, error]) => describe(path, error));
}
