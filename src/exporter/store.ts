/** Holds the state of an exporter and notifies listeners of its changes. @module */
import type { ExporterConfig } from "../config/exporter_config.ts";
import { type DriverNode, drivers } from "../tree/node.ts";
import type { Log } from "../log/log.ts";
import { redacted } from "../text/secrets.ts";
import { messageOf } from "../wire/error.ts";
import type { Traffic } from "../wire/net/traffic.ts";
import type { DriverProblem } from "./examine.ts";
import { type DriverState, type ExporterState, MAX_ERRORS } from "./state.ts";

/** Called with each new state and the previous one. */
export type StateListener = (state: ExporterState, former: ExporterState) => void;

type Stored = Omit<ExporterState, "traffic">;

/**
 * The state of one exporter. Counting bytes does not notify listeners; the next snapshot contains
 * the new counts.
 */
export class ExporterStore {
  /** Counts the connections of clients. */
  readonly traffic: Traffic = {
    opened: () => this.#countConnections(+1),
    closed: () => this.#countConnections(-1),
    received: (bytes) => void (this.#counts.bytesIn += bytes),
    sent: (bytes) => void (this.#counts.bytesOut += bytes),
  };
  readonly #counts = { connections: 0, bytesIn: 0, bytesOut: 0 };
  readonly #listeners = new Set<StateListener>();
  #stored: Stored;

  constructor({ identity: { namespace, name }, tree }: ExporterConfig) {
    const nodes = [...drivers(tree.root)].filter(({ path }) => path !== "");
    this.#stored = {
      namespace,
      name,
      phase: "idle",
      shutdown: "none",
      drivers: nodes.map(({ path, type }) => ({ path, type, state: "closed" })),
      errors: [],
    };
  }

  /** A snapshot of the current state. */
  get state(): ExporterState {
    return { ...this.#stored, traffic: { ...this.#counts } };
  }

  /** Calls `listener` with each change, until disposed. */
  subscribe(listener: StateListener): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /** Changes parts of the state. */
  update(change: Partial<Stored>): void {
    const former = this.state;
    this.#stored = { ...this.#stored, ...change };
    this.#tell(former);
  }

  /** Changes the state of a driver. */
  setDriver({ path, type }: DriverNode, state: DriverState["state"], error?: unknown): void {
    const problem = error === undefined ? undefined : redacted(messageOf(error));
    const { drivers } = this.#stored;
    const isNew = path !== "" && !drivers.some((driver) => driver.path === path);
    // Another process may have made drivers that the config does not list.
    const known = isNew ? [...drivers, { path, type, state }] : drivers;
    const changed = known.map((driver) => {
      if (driver.path !== path) return driver;
      // A driver that failed to open stays degraded after it is closed.
      if (state === "closed" && driver.state === "degraded") return driver;
      return { ...driver, state, problem };
    });
    this.update({ drivers: changed });
  }

  /** Marks drivers as degraded that an examination found unusable before they are opened. */
  noteProblems(problems: readonly DriverProblem[]): void {
    const degraded = new Map(
      problems.filter(({ usable }) => !usable).map((each) => [each.path, each]),
    );
    const drivers = this.#stored.drivers.map((driver): DriverState => {
      const found = degraded.get(driver.path);
      return found ? { ...driver, state: "degraded", problem: redacted(found.message) } : driver;
    });
    this.update({ drivers });
  }

  /** Adds the errors of `log` to the state, until disposed. */
  keepErrors(log: Log): Disposable {
    return log.attach(({ severity, time, message }) => {
      if (severity !== "error" && severity !== "critical") return;
      this.update({ errors: [...this.#stored.errors, { time, message }].slice(-MAX_ERRORS) });
    });
  }

  #countConnections(change: number): void {
    const former = this.state;
    this.#counts.connections += change;
    this.#tell(former);
  }

  #tell(former: ExporterState): void {
    const { state } = this;
    for (const listener of [...this.#listeners]) listener(state, former);
  }
}
