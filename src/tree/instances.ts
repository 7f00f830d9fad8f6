/**
 * The open drivers of one lease. All drivers start to open at once, in parallel, and a call waits
 * for its own driver only. A driver that fails to open, or takes too long, is degraded; the others
 * work.
 *
 * @module
 */
import type { Duplex } from "node:stream";
import { withDeadline } from "../base/deadline.ts";
import { Code, codeOf, DriverError, InvalidArgument, messageOf, Timeout } from "../wire/error.ts";
import type { Value } from "../wire/value.ts";
import type { CallContext, Driver, UnaryContext } from "../driver/driver.ts";
import type { DriverLog, Scope } from "../driver/manifest.ts";
import { asDriver } from "../driver/methods.ts";
import { CallResources } from "./call_resources.ts";
import { ClientStreams } from "./client_streams.ts";
import { degradedAnswer } from "./degraded_answers.ts";
import type { LoadedDriver } from "./entry.ts";
import { type DriverNode, drivers, type PartSource } from "./node.ts";

/** How the drivers of a lease are opened. */
export interface OpenOptions {
  /** Owns the resources of all drivers. */
  readonly scope: Scope;
  /** Aborted when the lease ends. */
  readonly signal: AbortSignal;
  /** The log of one driver. */
  readonly log: (node: DriverNode) => DriverLog;
  /** Receives each driver's state, with the reason if it is degraded. */
  onState?(node: DriverNode, state: InstanceState, reason?: unknown): void;
  /** How long a driver may take to open, in ms. @default 30_000 */
  readonly openTimeoutMs?: number;
  /** How long a driver may take to close, in ms. @default 10_000 */
  readonly closeTimeoutMs?: number;
}

/** Where a driver is in its life. */
export type InstanceState = "opening" | "open" | "degraded" | "closed";

interface Instance {
  readonly node: DriverNode;
  /** Rejects with the reason why the driver is degraded. */
  readonly driver: Promise<Driver>;
  readonly streams: ClientStreams;
}

/** Every driver of a tree, by uuid. */
export class DriverInstances {
  readonly #instances = new Map<string, Instance>();
  readonly #options: OpenOptions & Required<Pick<OpenOptions, "openTimeoutMs" | "closeTimeoutMs">>;

  /** Starts to open every driver below `root`. */
  constructor(root: DriverNode, options: OpenOptions) {
    this.#options = { openTimeoutMs: 30_000, closeTimeoutMs: 10_000, ...options };
    // Children first: a parent may use them as soon as it opens.
    for (const node of [...drivers(root)].reverse()) {
      const driver = this.#open(node);
      this.#watch(node, driver);
      this.#instances.set(node.uuid, { node, driver, streams: new ClientStreams() });
    }
  }

  #watch(node: DriverNode, driver: Promise<Driver>): void {
    const { signal, scope, log, onState } = this.#options;
    const isOver = () => signal.aborted;
    onState?.(node, "opening");
    // Disposed last of all that the driver takes.
    scope.defer(() => onState?.(node, "closed"));
    driver.then(() => isOver() || onState?.(node, "open"), (error) => {
      log(node).error(messageOf(error));
      if (!isOver()) onState?.(node, "degraded", error.cause ?? error);
    });
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
    using resources = new CallResources(streams, args, call.signal);
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
    if (!instance) throw unknownUuid(uuid);
    return instance;
  }

  async #open(node: DriverNode): Promise<Driver> {
    // Waits until the constructor has added every instance, because instances refer to each other.
    await Promise.resolve();
    const { source } = node;
    if ("unavailable" in source) throw degraded(node, source.unavailable);
    if ("implementation" in source) return await this.#openDriver(node, source);
    return source.kind === "root" ? ROOT : await this.#takePart(node, source);
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

/** The root composite has no methods and cannot fail to open. */
const ROOT = asDriver({}, "'' ()");

function unknownUuid(uuid: string): DriverError {
  const wellFormed = /^[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}$/i.test(uuid);
  return new DriverError(
    wellFormed
      ? `no driver of this exporter has UUID('${uuid}')`
      : `'${uuid}' is not a driver's uuid: badly formed hexadecimal UUID string`,
  );
}

/** Has the code of its cause; the message names the driver and the reason. */
class DegradedError extends DriverError {
  override name = "DegradedError";
  override readonly code: Code;
  constructor(message: string, cause: unknown) {
    super(message, { cause });
    // Here an invalid argument comes from the config, not from the client.
    const code = codeOf(cause);
    this.code = cause instanceof InvalidArgument || code === Code.CANCELLED ? Code.INTERNAL : code;
  }
}

function degraded(node: DriverNode, cause: unknown): DriverError {
  return new DegradedError(`driver '${node.path}' is not available: ${messageOf(cause)}`, cause);
}

async function within<T>(promise: Promise<T>, ms: number, what: string): Promise<T> {
  const late = () => new Timeout(`${what} within ${ms / 1000} s`);
  return await withDeadline(promise, { ms, late });
}
