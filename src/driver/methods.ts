/** Drivers that consist of tables of methods. @module */
import type { Duplex } from "node:stream";
import type { z } from "zod";
import { didYouMean } from "../text/nearest.ts";
import { DriverError, NoSuchMethod } from "../wire/error.ts";
import type { Value } from "../wire/value.ts";
import { parseArguments, WrongArguments } from "./arguments.ts";
import { checkTables } from "./tables.ts";
import type { CallContext, Driver, UnaryContext } from "./driver.ts";

/** The code of a method, called with checked arguments. */
type Run<Args, Context, Answer> = (args: Args, call: Context) => Answer;

/** A method that declares its arguments; {@linkcode withArgs} makes it. */
export interface DeclaredMethod<Context, Answer> {
  /** The schemas of its positional arguments. */
  readonly parameters: readonly z.ZodType[];
  readonly run: Run<never, Context, Answer>;
}

/** A method. A plain function accepts no arguments from clients, whatever its parameters. */
export type Method<Context, Answer> =
  | Run<readonly [], Context, Answer>
  | DeclaredMethod<Context, Answer>;

/** A method with a single answer. */
export type UnaryMethod = Method<UnaryContext, unknown>;

/** A method that yields many answers. */
export type StreamMethod = Method<CallContext, AsyncIterable<unknown> | Iterable<unknown>>;

/** A method that opens a byte stream; clients pass it no arguments. */
export type BytesMethod = (call: CallContext) => Duplex | Promise<Duplex>;

/** The methods of a driver by the names that clients call. */
export interface Methods {
  readonly calls?: Readonly<Record<string, UnaryMethod>>;
  readonly streams?: Readonly<Record<string, StreamMethod>>;
  readonly bytes?: Readonly<Record<string, BytesMethod>>;
  /** The drivers of the parts that the manifest declares, by name. */
  readonly parts?: Readonly<Record<string, Methods | Driver>>;
}

/**
 * Declares the positional arguments of a method; each is checked before the method runs.
 *
 * @example `set_dtr: withArgs([z.boolean()], ([value]) => port.set({ dtr: value }))`
 */
export function withArgs<const T extends readonly [z.ZodType, ...z.ZodType[]], Context, Answer>(
  parameters: T,
  run: Run<{ [K in keyof T]: z.output<T[K]> }, Context, Answer>,
): DeclaredMethod<Context, Answer> {
  return { parameters, run };
}

/** A driver as `open` returns it: the interface, or tables of methods. */
export type DriverLike = Driver | Methods;

/**
 * Makes a driver of what `open` returned.
 *
 * @param name the driver's name in errors: `'board.power' (acme.Relay)`
 * @throws {DriverError} if it is neither a driver nor tables of methods.
 */
export function asDriver(given: DriverLike, name: string): Driver {
  if (isDriver(given)) return given;
  checkTables(given, KINDS);
  return new TableDriver(given, name);
}

function isDriver(given: DriverLike): given is Driver {
  return typeof (given as Partial<Driver> | undefined)?.call === "function";
}

/** The markers of official exporters for each kind of method, which appear in their errors. */
const MARKERS = {
  calls: "marker_drivercall",
  streams: "marker_streamingdrivercall",
  bytes: "marker_streamcall",
} as const;

type Kind = keyof typeof MARKERS;

const KINDS = Object.keys(MARKERS) as readonly Kind[];

class TableDriver implements Driver {
  readonly #tables: Methods;
  readonly #name: string;

  constructor(tables: Methods, name: string) {
    this.#tables = tables;
    this.#name = name;
  }

  async call(name: string, args: readonly Value[], call: UnaryContext): Promise<unknown> {
    return await run(this.#find("calls", name), name, args, call);
  }

  stream(name: string, args: readonly Value[], call: CallContext) {
    const method = this.#find("streams", name);
    try {
      return run(method, name, args, call);
    } catch (error) {
      // UNKNOWN, as official exporters answer a stream with wrong arguments.
      throw error instanceof WrongArguments ? new DriverError(error.message) : error;
    }
  }

  async bytes(name: string, call: CallContext): Promise<Duplex> {
    return await this.#find("bytes", name)(call);
  }

  part([name, ...rest]: readonly string[]): Driver | undefined {
    const { parts } = this.#tables;
    if (name === undefined || !has(parts, name)) return undefined;
    const part = parts[name]!;
    const driver = asDriver(part, partOf(this.#name, name));
    return rest.length === 0 ? driver : driver.part?.(rest);
  }

  #find<K extends Kind>(kind: K, name: string): NonNullable<Methods[K]>[string] {
    const table: Methods[K] = this.#tables[kind];
    if (!has(table, name)) this.#missing(kind, name);
    return table[name] as NonNullable<Methods[K]>[string];
  }

  /** The text before the colon is that of official exporters. */
  #missing(kind: Kind, name: string): never {
    if (KINDS.some((other) => has(this.#tables[other], name))) {
      throw new NoSuchMethod(
        `method ${name} missing marker ${MARKERS[kind]}: ` +
          `driver ${this.#name} offers it as another kind of call`,
      );
    }
    const known = KINDS.flatMap((each) => Object.keys(this.#tables[each] ?? {}));
    const offered = known.join(", ") || "no methods";
    throw new NoSuchMethod(
      `method ${name} not found on driver: ${this.#name} has ${offered}${didYouMean(name, known)}`,
    );
  }
}

/** `'board.power' (acme.Relay)` → `'board.power.lamp' (part of acme.Relay)` */
function partOf(owner: string, name: string): string {
  return owner.replace(/' \((?:part of )?/, `.${name}' (part of `);
}

/** Object.hasOwn keeps a client from calling `constructor`. */
function has<T extends object>(table: T | undefined, name: string): table is T {
  return table !== undefined && Object.hasOwn(table, name);
}

function run<Context, Answer>(
  method: Method<Context, Answer>,
  name: string,
  args: readonly Value[],
  call: Context,
): Answer {
  if (typeof method !== "function") {
    return method.run(parseArguments(method.parameters, args) as never, call);
  }
  if (args.length === 0) return method([], call);
  // UNKNOWN, as official drivers answer.
  throw new DriverError(`method ${name} takes no arguments, found ${args.length}`);
}
