/** The driver tree of one exporter, which grows with what processes report of their drivers. @module */
import { buildTree } from "./build.ts";
import type { Entry } from "./entry.ts";
import type { HostedReport, HostedRow } from "./hosted.ts";
import { type DriverNode, drivers } from "./node.ts";
import { isWithin } from "./path.ts";
import type { Identity } from "./uuid.ts";

/** Nodes keep their uuids as the tree grows. */
export class DriverTree {
  readonly identity: Identity;
  readonly #entries: readonly Entry[];
  readonly #description: string | undefined;
  readonly #rows = new Map<string, HostedRow>();
  readonly #listeners = new Set<() => void>();
  #root: DriverNode;

  constructor(entries: readonly Entry[], identity: Identity, description?: string) {
    this.#entries = entries;
    this.identity = identity;
    this.#description = description;
    this.#root = this.#build();
  }

  /** The root as it is known now. */
  get root(): DriverNode {
    return this.#root;
  }

  /** Whether every process has reported its drivers once. */
  get isComplete(): boolean {
    return [...drivers(this.#root)].every(({ source, path }) =>
      !("process" in source) || this.#rows.has(path)
    );
  }

  /**
   * Takes in the report of a process that serves the entries at `paths`. What it does not report
   * keeps its former place, so that a driver that is degraded in one lease stays in the report.
   */
  learn(paths: readonly string[], { rows, problems }: HostedReport): void {
    const reported = paths.filter((path) => !problems.has(path));
    const before = this.#text();
    for (const path of this.#rows.keys()) {
      if (reported.some((owner) => isWithin(path, owner))) this.#rows.delete(path);
    }
    for (const row of rows) this.#rows.set(row.path, row);
    if (this.#text() === before) return;
    this.#root = this.#build();
    for (const listener of [...this.#listeners]) listener();
  }

  /** Calls `listener` when the tree has changed, until disposed. */
  subscribe(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  #build(): DriverNode {
    return buildTree(this.#entries, this.identity, this.#description, this.#rows).root;
  }

  #text(): string {
    return JSON.stringify([...this.#rows]);
  }
}
