/**
 * The open drivers of one lease. All drivers start to open at once, in parallel, and a call waits
 * for its own driver only. A driver that fails to open, or takes too long, is degraded; the others
 * work.
 *
 * @module
 */
import type { Duplex } from "node:stream";
import { fulfilledWithin } from "../base/deadline.ts";
import { DriverError, messageOf } from "../wire/error.ts";
import type { Value } from "../wire/value.ts";
import type { CallContext, Driver, UnaryContext } from "../driver/driver.ts";
import type { DriverLog, Scope } from "../driver/manifest.ts";
import { asDriver } from "../driver/methods.ts";
import { CallResources } from "./call_resources.ts";
import { ClientStreams } from "./client_streams.ts";
import type { RemoteDrivers } from "./driver_process.ts";
import type { DriverTree } from "./driver_tree.ts";
import { degraded, notReported, unknownDriver } from "./degraded.ts";
import { degradedAnswer } from "./degraded_answers.ts";
import type { LoadedDriver } from "./entry.ts";
import { TreeHealth } from "./health.ts";
import { HostedProcesses } from "./hosted_processes.ts";
import { type DriverNode, drivers, type PartSource } from "./node.ts";
import { probeDriver, within } from "./bounded_steps.ts";
import { type StateOptions, watchState } from "./watch_state.ts";

/** How the drivers of a lease are opened. */
export interface OpenOptions extends StateOptions {
  /** Owns the resources of all drivers. */
  readonly scope: Scope;
  /** Opens a Unix socket for processes that call drivers of the exporter; returns its path. */
  exporterSocket?(): Promise<string>;
  /** How long a driver may take to open, in ms. @default 30_000 */
  readonly openTimeoutMs?: number;
  /** How long a driver may take to close, in ms. @default 10_000 */
  readonly closeTimeoutMs?: number;
}

interface Instance {
  readonly node: DriverNode;
  /** Rejects with the reason why the driver cannot be called. */
  readonly driver: Promise<Driver>;
  readonly streams: ClientStreams;
}

/**
 * How long a report waits for processes that have not reported in this lease, in ms; longer if they
 * have never reported. Official clients give up after 20 s.
 */
const REPORT_WAIT_MS = 2_000, FIRST_REPORT_WAIT_MS = 15_000;

/** Every driver of a tree, by uuid. */
export class DriverInstances {
  readonly #instances = new Map<string, Instance>();
  readonly #options: OpenOptions & Required<Pick<OpenOptions, "openTimeoutMs" | "closeTimeoutMs">>;
  readonly #tree: DriverTree;
  readonly #processes: HostedProcesses;
  readonly #health = new TreeHealth();
  readonly #probes: Promise<unknown>[] = [];

  /** Starts to open every driver of the tree. */
  constructor(tree: DriverTree, options: OpenOptions) {
    const onState: OpenOptions["onState"] = (node, state, reason) => {
      this.#health.note(node, state, reason);
      options.onState?.(node, state, reason);
    };
    this.#options = { openTimeoutMs: 30_000, closeTimeoutMs: 10_000, ...options, onState };
    this.#tree = tree;
    this.#processes = new HostedProcesses(tree, this.#options);
    this.#openAll(({ source }) => !("kind" in source && source.kind === "pending"));
    this.#processes.reported.then(() => options.signal.aborted || this.#openAll());
  }

  /** Opens the drivers of the tree that are not open yet. */
  #openAll(mayOpen: (node: DriverNode) => boolean = () => true): void {
    // Children first: a parent may use them as soon as it opens.
    for (const node of [...drivers(this.#tree.root)].reverse()) {
      if (this.#instances.has(node.uuid) || !mayOpen(node)) continue;
      this.#start(node, new ClientStreams());
      // Disposed last of all that the driver takes.
      this.#options.scope.defer(() => this.#options.onState?.(node, "closed"));
    }
  }

  #start(node: DriverNode, streams: ClientStreams): void {
    const probed = this.#probe(node);
    this.#probes.push(probed);
    const driver = this.#open(node, probed);
    watchState(node, { driver, probed }, this.#options);
    this.#instances.set(node.uuid, { node, driver, streams });
  }

  /** Examines the degraded drivers again, and opens those again that could not be opened. */
  async lookAgain(): Promise<void> {
    for (const { node, driver, streams } of [...this.#instances.values()]) {
      if (!this.#health.isDegraded(node) || "process" in node.source) continue;
      const opened = await driver.catch(() => undefined);
      if (!opened) this.#start(node, streams);
      else watchState(node, { driver, probed: this.#probe(node) }, this.#options);
    }
  }

  /** The root of the tree, once other processes have reported their drivers, or a while has passed. */
  async root(): Promise<DriverNode> {
    const wait = this.#tree.isComplete ? REPORT_WAIT_MS : FIRST_REPORT_WAIT_MS;
    await fulfilledWithin(wait, this.#processes.reported);
    return this.#tree.root;
  }

  /** Whether the driver `uuid` may be one of another process; what is unknown yet may be. */
  mayBeRemote(uuid: string): boolean {
    const known = this.#instances.get(uuid.toLowerCase());
    return known ? "process" in known.node.source : this.#processes.pending;
  }

  /** The driver `uuid` as logs name it: its path, or the uuid of one that is not known. */
  pathOf(uuid: string): string {
    const path = this.#instances.get(uuid.toLowerCase())?.node.path;
    return path === undefined ? `driver ${uuid}` : path || "root";
  }

  /** The log of the driver `uuid`; undefined if it is not known. */
  logOf(uuid: string): DriverLog | undefined {
    const instance = this.#instances.get(uuid.toLowerCase());
    return instance && this.#options.log(instance.node);
  }

  /**
   * The process that serves the driver `uuid`; undefined if it is one of this process, or degraded.
   *
   * @throws {DriverError} if there is no such driver.
   */
  async remote(uuid: string): Promise<RemoteDrivers | undefined> {
    if (!this.#instances.has(uuid.toLowerCase())) await this.#processes.reported;
    const { node } = this.#find(uuid);
    if (!("process" in node.source)) return undefined;
    return await this.#processes.of(node).catch(() => undefined);
  }

  /** The problem with the hardware of a driver, which may open anyway. */
  async #probe({ source }: DriverNode): Promise<unknown> {
    const { signal } = this.#options;
    return "implementation" in source ? await probeDriver(source, { signal }) : undefined;
  }

  /** Resolves when the hardware of all drivers has been examined. */
  async examined(): Promise<void> {
    await Promise.all(this.#probes);
  }

  /** Resolves when every driver is open or degraded, with the reasons of the degraded. */
  async settled(): Promise<Map<DriverNode, Error>> {
    const degraded = new Map<DriverNode, Error>();
    for (const { node, driver } of this.#instances.values()) {
      await driver.catch((error) => degraded.set(node, error));
    }
    return degraded;
  }

  /** Calls a method with a single answer. */
  async call(
    uuid: string,
    method: string,
    args: readonly Value[],
    call: Omit<UnaryContext, "resources">,
  ): Promise<unknown> {
    const { node, driver, streams } = this.#find(uuid);
    const opened = await driver.catch((error) => {
      const answer = degradedAnswer(node, method);
      if (answer === undefined) throw error;
      return asDriver({ calls: { [method]: () => answer } }, `'${node.path}'`);
    });
    using resources = new CallResources(streams, args, call.signal, this.#options.log(node));
    return await opened.call(method, args, { ...call, resources });
  }

  /** Calls a method that yields many answers. */
  async stream(
    uuid: string,
    method: string,
    args: readonly Value[],
    call: CallContext,
  ): Promise<AsyncIterable<unknown> | Iterable<unknown>> {
    return (await this.#find(uuid).driver).stream(method, args, call);
  }

  /** Opens a byte stream. */
  async bytes(uuid: string, method: string, call: CallContext): Promise<Duplex> {
    return await (await this.#find(uuid).driver).bytes(method, call);
  }

  /** The byte streams that clients open in advance for calls of a driver. */
  streamsOf(uuid: string): ClientStreams {
    return this.#find(uuid).streams;
  }

  #find(uuid: string): Instance {
    const instance = this.#instances.get(uuid.toLowerCase());
    if (!instance) throw unknownDriver(uuid);
    return instance;
  }

  async #open(node: DriverNode, probed: Promise<unknown>): Promise<Driver> {
    // Waits until the constructor has added every instance, because instances refer to each other.
    await Promise.resolve();
    const { source } = node;
    if ("unavailable" in source) throw degraded(node, source.unavailable);
    if ("implementation" in source) {
      // One after the other: both may need the device for themselves.
      await probed;
      return await this.#openDriver(node, source);
    }
    if ("process" in source) return (await this.#remoteOf(node)).driver(node.uuid);
    if (source.kind === "pending") throw degraded(node, notReported(source));
    return source.kind === "root"
      ? this.#health.asRoot(() => this.settled())
      : await this.#takePart(node, source);
  }

  async #remoteOf(node: DriverNode): Promise<RemoteDrivers> {
    try {
      return await this.#processes.of(node);
    } catch (error) {
      throw degraded(node, error);
    }
  }

  async #openDriver(
    node: DriverNode,
    { implementation, config }: LoadedDriver,
  ): Promise<Driver> {
    const { path, type } = node;
    const { signal, log, openTimeoutMs } = this.#options;
    try {
      const children = await this.#childrenOf(node);
      const scope = this.#scopeOf(node);
      const opening = Promise.resolve(
        implementation.open({ config, path, log: log(node), scope, signal, children }),
      );
      const opened = await within(opening, openTimeoutMs, "it did not open");
      return asDriver(opened, `'${path}' (${type})`);
    } catch (error) {
      throw degraded(node, error);
    }
  }

  /** Takes a part from the driver that creates it. */
  async #takePart(node: DriverNode, { owner, names }: PartSource): Promise<Driver> {
    const { node: maker, driver } = this.#find(owner);
    try {
      const part = (await driver).part?.(names);
      if (part) return part;
      throw new DriverError(`driver '${maker.path}' has no part '${names.join(".")}'`);
    } catch (error) {
      throw degraded(node, error);
    }
  }

  async #childrenOf(node: DriverNode): Promise<ReadonlyMap<string, Driver>> {
    const children = new Map<string, Driver>();
    for (const child of node.children) {
      const target = child.kind === "proxy" ? child.target : child;
      // The driver's own parts exist only once it is open.
      if ("kind" in target.source && target.source.kind === "part" && child === target) continue;
      const opened = this.#instances.get(target.uuid)?.driver;
      await opened?.then((driver) => children.set(child.name, driver), () => {});
    }
    return children;
  }

  /**
   * Each driver has a scope of its own, so that one that cannot close does not block the others.
   */
  #scopeOf(node: DriverNode): Scope {
    const scope = new AsyncDisposableStack();
    const { closeTimeoutMs, log } = this.#options;
    this.#options.scope.defer(async () => {
      try {
        await within(scope.disposeAsync(), closeTimeoutMs, "it did not close");
      } catch (error) {
        log(node).error(`Cannot close driver '${node.path}': ${messageOf(error)}`);
      }
    });
    return scope;
  }
}
