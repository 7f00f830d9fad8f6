/**
 * What a driver is. Its life: define (no I/O) → parse its config (pure) → probe
 * (optional, looks at hardware without disturbing it) → open, once a lease → the
 * scope closes it.
 *
 * @module
 */
import type { Duplex } from "node:stream";
import { z } from "zod";
import { InvalidArgument } from "../wire/error.ts";
import type { Value } from "../wire/value.ts";
import type { Resources } from "./resources.ts";

/** Owns what a driver takes: closed in reverse order when the lease ends. */
export type Scope = AsyncDisposableStack;

/** Where a driver says what it does; clients see it through LogStream. */
export interface DriverLog {
  debug(message: string): void;
  info(message: string): void;
  warning(message: string): void;
  error(message: string): void;
}

/** One call of a client. */
export interface CallContext {
  /** Aborted when the client cancels or vanishes, or the lease ends. */
  readonly signal: AbortSignal;
}

/** One call of a method that is answered once. */
export interface UnaryContext extends CallContext {
  /**
   * Aborted when the client's connection has ended, and with it everything that the client has;
   * one and the same for all of its calls. Not there where a driver calls another.
   */
  readonly connection?: AbortSignal;
  /** The bytes behind handles among the arguments. */
  readonly resources: Resources;
}

/**
 * A method answered once; the result is encoded by `toValue`. One that declares no
 * parameters is never called with arguments: the client's mistake is told instead.
 */
export type UnaryCall = (args: readonly Value[], call: UnaryContext) => unknown;

/** A method answered many times, until the iterable ends. */
export type StreamCall = (
  args: readonly Value[],
  call: CallContext,
) => AsyncIterable<unknown> | Iterable<unknown>;

/**
 * Opens a byte stream for one client. The duplex must allow half-open use: its
 * readable side ends when the device is gone, its writable side is ended when the
 * client has no more to say, and it is destroyed when the client leaves.
 */
export type BytesCall = (call: CallContext) => Duplex | Promise<Duplex>;

/** An opened driver: its methods by the names that clients call. */
export interface Driver {
  readonly calls?: Readonly<Record<string, UnaryCall>>;
  readonly streams?: Readonly<Record<string, StreamCall>>;
  readonly bytes?: Readonly<Record<string, BytesCall>>;
}

/** What a driver gets when it is opened for a lease. */
export interface OpenContext<C> {
  readonly config: C;
  /** Names from the root, joined by dots: `power`, `board.serial`. */
  readonly path: string;
  readonly log: DriverLog;
  /** Everything taken goes in here; the lease closes it. */
  readonly scope: Scope;
  /** Aborted when the lease ends. */
  readonly signal: AbortSignal;
  /** The drivers listed under `children`, already open, by name. */
  readonly children: ReadonlyMap<string, Driver>;
}

/** What `probe` may look at. */
export interface ProbeContext<C> {
  readonly config: C;
  readonly signal: AbortSignal;
}

/** A device that is plugged in. */
export interface Discovery {
  /** What it is, in a few words. */
  readonly device: string;
  /** A name for the driver: `power`. */
  readonly name: string;
  /** A `config:` that means this device wherever and whenever it is plugged in. */
  readonly config: Readonly<Record<string, unknown>>;
}

/** A driver's definition, as its author writes it. */
export interface DriverDefinition<S extends z.ZodType> {
  /** The dotted name that users write under `type:`. */
  readonly type: string;
  /** The Python class that official clients import for it: frozen wire data. */
  readonly client: string;
  /** Strict schema of `config:`; an unknown key is a mistake of the user. */
  readonly config: S;
  /** Whether entries may have `children:`; default false. */
  readonly children?: boolean;
  /** Further labels of the report, from the config alone. */
  labels?(config: z.output<S>): Record<string, string>;
  /** Throws what is wrong with the hardware that the config names, without disturbing it. */
  probe?(context: ProbeContext<z.output<S>>): Promise<void> | void;
  /** The devices of this host that the driver could serve, for `jmp discover`. */
  discover?(): Promise<Discovery[]>;
  open(context: OpenContext<z.output<S>>): Driver | Promise<Driver>;
}

/** A definition whose config type is no longer known: what lists and trees hold. */
// deno-lint-ignore no-explicit-any
export type DriverFactory = DriverDefinition<z.ZodType<any>>;

/** Declares a driver; nothing is opened and nothing registered. */
export function defineDriver<S extends z.ZodType>(definition: DriverDefinition<S>): DriverFactory {
  return definition as unknown as DriverFactory;
}

/**
 * A unary method with checked positional arguments.
 *
 * @example `set_dtr: withArgs([z.boolean()], ([value]) => port.set({ dtr: value }))`
 * @throws {InvalidArgument} at the call, when an argument does not fit or one is missing.
 */
export function withArgs<const T extends readonly [z.ZodType, ...z.ZodType[]]>(
  types: T,
  method: (args: { [K in keyof T]: z.output<T[K]> }, call: UnaryContext) => unknown,
): UnaryCall {
  return (args, call) => method(checkArgs(types, args) as never, call);
}

function checkArgs(types: readonly z.ZodType[], args: readonly Value[]): unknown[] {
  if (args.length > types.length) {
    throw new InvalidArgument(`expected at most ${types.length} arguments, found ${args.length}`);
  }
  return types.map((type, index) => {
    const parsed = type.safeParse(args[index]);
    if (parsed.success) return parsed.data;
    const problem = parsed.error.issues.map((issue) => issue.message).join("; ");
    throw new InvalidArgument(`argument ${index + 1}: ${problem}`);
  });
}

/**
 * The factories by type, from one explicit list.
 *
 * @throws {Error} when two factories answer to the same type.
 */
export function createRegistry(
  factories: readonly DriverFactory[],
): ReadonlyMap<string, DriverFactory> {
  const registry = new Map<string, DriverFactory>();
  for (const factory of factories) {
    if (registry.has(factory.type)) {
      throw new Error(`Cannot register two drivers as '${factory.type}'`);
    }
    registry.set(factory.type, factory);
  }
  return registry;
}

export { z };
