/**
 * Manifests: the properties of a driver that are known before its code is loaded. The life cycle:
 * declare (no I/O) → parse the config (pure) → load the code, if a config names the driver → probe
 * (optional; inspects hardware without changing it) → open, once per lease → the scope closes it.
 *
 * @module
 */
import { z } from "zod";
import type { Driver } from "./driver.ts";
import type { DriverLike } from "./methods.ts";

/** Owns the resources of a driver; closes them in reverse order when the lease ends. */
export type Scope = AsyncDisposableStack;

/** The log of a driver, which clients read through LogStream. */
export interface DriverLog {
  debug(message: string): void;
  info(message: string): void;
  warning(message: string): void;
  error(message: string): void;
}

/** The arguments of `open`. */
export interface OpenContext<C> {
  readonly config: C;
  /** Names from the root, joined by dots: `power`, `board.serial`. */
  readonly path: string;
  readonly log: DriverLog;
  /** Must own every resource that the driver acquires; closed at the end of the lease. */
  readonly scope: Scope;
  /** Aborted when the lease ends. */
  readonly signal: AbortSignal;
  /** The drivers listed under `children`, already open, by name. */
  readonly children: ReadonlyMap<string, Driver>;
}

/** The arguments of `probe`. */
export interface ProbeContext<C> {
  readonly config: C;
  readonly signal: AbortSignal;
}

/** A device that is plugged in. */
export interface Discovery {
  /** A short description. */
  readonly device: string;
  /** A name for the driver: `power`. */
  readonly name: string;
  /** A `config:` that still names this device after it was unplugged and plugged in again. */
  readonly config: Readonly<Record<string, unknown>>;
}

/** A driver that its parent creates, such as the `storage` of a TFTP server. */
export interface Part {
  readonly name: string;
  /** The Python class that official clients import for it. */
  readonly client: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly description?: string;
  readonly methodsDescription?: Readonly<Record<string, string>>;
  readonly parts?: readonly Part[];
}

/**
 * What the methods of a driver do, for documents: a sentence by signature, such as
 * `set_dtr(value: boolean)`, in a table for each kind of call.
 */
export interface MethodTexts {
  readonly calls?: Readonly<Record<string, string>>;
  readonly streams?: Readonly<Record<string, string>>;
  readonly bytes?: Readonly<Record<string, string>>;
}

/** The code of a driver. */
export interface DriverImplementation<C> {
  open(context: OpenContext<C>): DriverLike | Promise<DriverLike>;
  /** Inspects the hardware that the config names, without changing it; throws the problem. */
  probe?(context: ProbeContext<C>): Promise<void> | void;
  /** Lists the devices of this host that the driver supports, for `jmp discover`. */
  discover?(): Promise<Discovery[]>;
}

/** The properties of a driver that need none of its code. */
interface Description<S extends z.ZodType> {
  /** The dotted name that users write under `type:`. */
  readonly type: string;
  /** The Python class that official clients import for it; part of the protocol, never changed. */
  readonly client: string;
  /** What the driver is, in one line. */
  readonly summary?: string;
  /**
   * Schema of `config:`. Unknown keys are errors if it is strict, and warnings otherwise, as for
   * the official drivers that ignore them. `.describe(…)` gives a key its meaning,
   * `.meta({ examples: […] })` a value to show; `jmp driver show` prints both.
   */
  readonly config: S;
  /** What its methods do. */
  readonly methods?: MethodTexts;
  /** Whether entries may have `children:`. @default false */
  readonly children?: boolean;
  /** Whether the code can `discover` devices. @default false */
  readonly discoverable?: boolean;
  /** Computes further labels of the report from the config. */
  labels?(config: z.output<S>): Record<string, string>;
  /** Lists the parts that the driver creates for this config. */
  parts?(config: z.output<S>): readonly Part[];
}

/** A description, and a function that loads the code. */
interface Declaration<S extends z.ZodType> extends Description<S> {
  /** Imports the code; called when a config names the driver. */
  load(): Promise<DriverImplementation<z.output<S>>>;
}

/** A description together with the code, as in the file of a custom driver. */
export type DriverDefinition<S extends z.ZodType> =
  & Description<S>
  & DriverImplementation<z.output<S>>;

/** A declared driver of any config type, for lists and trees. */
// deno-lint-ignore no-explicit-any
export type DriverManifest = Declaration<z.ZodType<any>>;

/** Declares a driver whose code is loaded when a config names it. */
export function declareDriver<S extends z.ZodType>(declaration: Declaration<S>): DriverManifest {
  return declaration as unknown as DriverManifest;
}

/** Declares a driver with its code. */
export function defineDriver<S extends z.ZodType>(
  definition: DriverDefinition<S>,
): DriverManifest & DriverDefinition<S> {
  const load = () => Promise.resolve(definition);
  return { ...definition, load } as unknown as DriverManifest & DriverDefinition<S>;
}

/**
 * Indexes manifests by type.
 *
 * @throws {Error} if two of them have the same type.
 */
export function createRegistry(
  manifests: readonly DriverManifest[],
): ReadonlyMap<string, DriverManifest> {
  const registry = new Map<string, DriverManifest>();
  for (const manifest of manifests) {
    if (registry.has(manifest.type)) {
      throw new Error(`Cannot register two drivers as '${manifest.type}'`);
    }
    registry.set(manifest.type, manifest);
  }
  return registry;
}

export { z };
