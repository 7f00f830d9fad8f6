/** The processes that serve drivers in one lease. @module */
import type { DriverLog, Scope } from "../driver/manifest.ts";
import type { DriverProcess, RemoteDrivers } from "./driver_process.ts";
import type { DriverTree } from "./driver_tree.ts";
import type { DriverError } from "../wire/error.ts";
import { isWithin } from "./path.ts";
import { type DriverNode, drivers } from "./node.ts";

/** A process, the entries that it serves, and why some of them are degraded. */
interface Started {
  readonly remote: RemoteDrivers;
  /** At their places when the lease began. */
  readonly nodes: readonly DriverNode[];
  /** Resolves when the tree has the report, or when there is none. */
  readonly reported: Promise<void>;
}

/** How the processes are started. */
export interface ProcessesOptions {
  /** Ends the processes. */
  readonly scope: Scope;
  /** Aborted when the lease ends. */
  readonly signal: AbortSignal;
  readonly log: (node: DriverNode) => DriverLog;
  /** Called for the entries of a process that has ended in the lease, and when it serves again. */
  onState?(node: DriverNode, state: "open" | "degraded", reason?: unknown): void;
  /** Opens a Unix socket for processes that call drivers of the exporter; returns its path. */
  exporterSocket?(): Promise<string>;
  readonly openTimeoutMs: number;
  readonly closeTimeoutMs: number;
}

/** Starts each process of a tree once; all end with the scope of the options. */
export class HostedProcesses {
  /** Resolves when each process has reported its drivers or could not be started. */
  readonly reported: Promise<void>;
  #pending: boolean;
  readonly #tree: DriverTree;
  readonly #options: ProcessesOptions;
  readonly #started: ReadonlyMap<DriverProcess, Started>;

  constructor(tree: DriverTree, options: ProcessesOptions) {
    this.#tree = tree;
    this.#options = options;
    const groups = Map.groupBy(hostedNodes(tree.root), ({ process }) => process);
    this.#started = new Map(
      [...groups].map(([process, hosted]) => {
        return [process, this.#start(process, hosted.map(({ node }) => node))];
      }),
    );
    const reports = [...this.#started.values()].map(({ reported }) => reported);
    this.#pending = reports.length > 0;
    this.reported = Promise.all(reports).then(() => void (this.#pending = false));
  }

  /** The entries that processes serve. */
  get nodes(): DriverNode[] {
    return [...this.#started.values()].flatMap(({ nodes }) => nodes);
  }

  /** Whether a process has still to report its drivers. */
  get pending(): boolean {
    return this.#pending;
  }

  /**
   * The process of a node.
   *
   * @throws why the process could not be started, or has no such driver.
   */
  async of(node: DriverNode): Promise<RemoteDrivers> {
    const { process } = node.source as { process: DriverProcess };
    const started = this.#started.get(process)!;
    const { problems } = await started.remote.report;
    const above = [...problems].find(([path]) => isWithin(node.path, path));
    if (above) throw above[1];
    return started.remote;
  }

  #start(process: DriverProcess, nodes: readonly DriverNode[]): Started {
    const { signal, scope, openTimeoutMs, closeTimeoutMs, onState } = this.#options;
    const paths = nodes.map(({ path }) => path);
    let problems: ReadonlyMap<string, DriverError> = new Map();
    const remote = process.start({
      identity: this.#tree.identity,
      paths,
      log: (path) => this.#log(path, nodes),
      signal,
      openTimeoutMs,
      closeTimeoutMs,
      exporterSocket: () => this.#exporterSocket(),
      onRunning: (problem) => {
        if (signal.aborted) return;
        const affected = nodes.filter(({ path }) => !problems.has(path));
        for (const node of affected) onState?.(node, problem ? "degraded" : "open", problem);
      },
    });
    scope.use(remote);
    const reported = remote.report.then((report) => {
      problems = report.problems;
      this.#tree.learn(paths, report);
    }, () => {});
    return { remote, nodes, reported };
  }

  #log(path: string | undefined, nodes: readonly DriverNode[]): DriverLog {
    const { root } = this.#tree;
    const known = [...drivers(root)].find((node) => node.path === path);
    // What a process of several drivers says of itself is of none of them.
    return this.#options.log(known ?? (nodes.length === 1 ? nodes[0]! : root));
  }

  #exporterSocket(): Promise<string> {
    const { exporterSocket } = this.#options;
    if (exporterSocket) return exporterSocket();
    return Promise.reject(new Error("this exporter serves no session yet"));
  }
}

interface Hosted {
  readonly node: DriverNode;
  readonly process: DriverProcess;
}

/** The entries that processes serve; not what stands below such an entry in the same process. */
function* hostedNodes(node: DriverNode, above?: DriverProcess): Generator<Hosted> {
  const process = "process" in node.source ? node.source.process : undefined;
  if (process && process !== above) yield { node, process };
  for (const child of node.children) {
    if (child.kind === "driver") yield* hostedNodes(child, process);
  }
}
