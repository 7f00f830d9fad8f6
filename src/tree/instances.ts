/**
 * The opened drivers of one lease. Opening begins at once and in parallel, and
 * nobody waits for it but the calls to the driver in question: a driver that fails
 * to open, or takes too long, is degraded, and the others serve.
 *
 * @module
 */
import type { Duplex } from "node:stream";
import { withDeadline } from "../base/deadline.ts";
import {
  Code,
  codeOf,
  DriverError,
  InvalidArgument,
  messageOf,
  NoSuchMethod,
  Timeout,
} from "../wire/error.ts";
import type { Value } from "../wire/value.ts";
import type { CallContext, Driver, DriverLog, Scope, UnaryContext } from "../driver/driver.ts";
import { CallResources } from "./call_resources.ts";
import { ClientStreams } from "./client_streams.ts";
import { type DriverNode, drivers } from "./tree.ts";

/** How the drivers of a lease are opened. */
export interface OpenOptions {
  /** Owns everything that the drivers take. */
  readonly scope: Scope;
  /** Aborted when the lease ends. */
  readonly signal: AbortSignal;
  /** The log of one driver. */
  readonly log: (node: DriverNode) => DriverLog;
  /** How long a driver may take to open. @default 30_000 */
  readonly openTimeoutMs?: number;
  /** How long a driver may take to close. @default 10_000 */
  readonly closeTimeoutMs?: number;
}

interface Instance {
  readonly node: DriverNode;
  /** Rejects with the reason why the driver is degraded. */
  readonly driver: Promise<Driver>;
  readonly streams: ClientStreams;
}

/** Every driver of a tree, by uuid. */
export class DriverInstances {
  readonly #instances = new Map<string, Instance>();
  readonly #options: Required<OpenOptions>;

  /** Begins to open every driver below `root`. */
  constructor(root: DriverNode, options: OpenOptions) {
    this.#options = { openTimeoutMs: 30_000, closeTimeoutMs: 10_000, ...options };
    // Children first: a parent may use them as soon as it opens.
    for (const node of [...drivers(root)].reverse()) {
      const driver = this.#open(node);
      driver.catch((error) => this.#options.log(node).error(messageOf(error)));
      this.#instances.set(node.uuid, { node, driver, streams: new ClientStreams() });
    }
  }

  /** Resolves when every driver is open or degraded, with the reasons of the degraded. */
  async settled(): Promise<Map<DriverNode, Error>> {
    const degraded = new Map<DriverNode, Error>();
    for (const { node, driver } of this.#instances.values()) {
      await driver.catch((error) => degraded.set(node, error));
    }
    return degraded;
  }

  /** Calls a unary method. */
  async call(
    uuid: string,
    method: string,
    args: readonly Value[],
    call: Omit<UnaryContext, "resources">,
  ): Promise<unknown> {
    const { node, driver, streams } = await this.#get(uuid);
    const handler = own(driver.calls, method) ?? missing(node, driver, method, "drivercall");
    refuseSurplus(handler, method, args);
    using resources = new CallResources(streams, args, call.signal);
    return await handler(args, { ...call, resources });
  }

  /** Calls a method that answers many times. */
  async stream(
    uuid: string,
    method: string,
    args: readonly Value[],
    call: CallContext,
  ): Promise<AsyncIterable<unknown> | Iterable<unknown>> {
    const { node, driver } = await this.#get(uuid);
    const handler = own(driver.streams, method) ??
      missing(node, driver, method, "streamingdrivercall");
    refuseSurplus(handler, method, args);
    return handler(args, call);
  }

  /** Opens a byte stream. */
  async bytes(uuid: string, method: string, call: CallContext): Promise<Duplex> {
    const { node, driver } = await this.#get(uuid);
    const handler = own(driver.bytes, method) ?? missing(node, driver, method, "streamcall");
    return await handler(call);
  }

  /** Where the clients of a driver hold their streams ready for its calls. */
  streamsOf(uuid: string): ClientStreams {
    return this.#find(uuid).streams;
  }

  async #get(uuid: string): Promise<Omit<Instance, "driver"> & { driver: Driver }> {
    const instance = this.#find(uuid);
    return { ...instance, driver: await instance.driver };
  }

  #find(uuid: string): Instance {
    const instance = this.#instances.get(uuid.toLowerCase());
    if (!instance) throw unknownUuid(uuid);
    return instance;
  }

  async #open(node: DriverNode): Promise<Driver> {
    if (!("factory" in node.source)) throw degraded(node, node.source.unavailable);
    const { factory, config } = node.source;
    const { signal, log, openTimeoutMs } = this.#options;
    // From the next turn on every instance is known, those that children refer to included.
    await Promise.resolve();
    try {
      const children = await this.#childrenOf(node);
      const opening = Promise.resolve(factory.open({
        config,
        path: node.path,
        log: log(node),
        scope: this.#scopeOf(node),
        signal,
        children,
      }));
      return await within(opening, openTimeoutMs, "it did not open");
    } catch (error) {
      throw degraded(node, error);
    }
  }

  async #childrenOf(node: DriverNode): Promise<ReadonlyMap<string, Driver>> {
    const children = new Map<string, Driver>();
    if (node.path === "") return children;
    for (const child of node.children) {
      const target = child.kind === "proxy" ? child.target : child;
      const opened = this.#instances.get(target.uuid)?.driver;
      await opened?.then((driver) => children.set(child.name, driver), () => {});
    }
    return children;
  }

  /** Each driver has a scope of its own, so that one that cannot close holds up nobody. */
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

/** Object.hasOwn keeps a client from calling `constructor`. */
function own<T>(methods: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return methods && Object.hasOwn(methods, name) ? methods[name] : undefined;
}

/** A method that declares no parameters takes no arguments; UNKNOWN, as official drivers answer. */
function refuseSurplus(
  handler: (...args: never[]) => unknown,
  method: string,
  args: readonly Value[],
): void {
  if (handler.length === 0 && args.length > 0) {
    throw new DriverError(`method ${method} takes no arguments, found ${args.length}`);
  }
}

/** The words before the colon are what clients of the official exporter know. */
function missing(node: DriverNode, driver: Driver, method: string, marker: string): never {
  const kinds: (Readonly<Record<string, unknown>> | undefined)[] = [
    driver.calls,
    driver.streams,
    driver.bytes,
  ];
  if (kinds.some((kind) => own(kind, method))) {
    throw new NoSuchMethod(
      `method ${method} missing marker marker_${marker}: ` +
        `driver '${node.path}' offers it as another kind of call`,
    );
  }
  const known = kinds.flatMap((kind) => Object.keys(kind ?? {})).join(", ") || "no methods";
  throw new NoSuchMethod(
    `method ${method} not found on driver: '${node.path}' (${node.type}) has ${known}`,
  );
}

function unknownUuid(uuid: string): DriverError {
  const wellFormed = /^[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}$/i.test(uuid);
  return new DriverError(
    wellFormed
      ? `no driver of this exporter has UUID('${uuid}')`
      : `'${uuid}' is not a driver's uuid: badly formed hexadecimal UUID string`,
  );
}

/** The same code as the cause; the text says which driver and why. */
class DegradedError extends DriverError {
  override name = "DegradedError";
  override readonly code: Code;
  constructor(message: string, cause: unknown) {
    super(message, { cause });
    // An argument that does not fit is the client's fault; a config that does not is ours.
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
