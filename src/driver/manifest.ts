/**
 * What is known of a driver before its code is loaded. A driver's life: declare (no I/O) →
 * parse its config (pure) → load its code, where a config names it → probe (optional, looks at
 * hardware without disturbing it) → open, once a lease → the scope closes it.
 *
 * @module
 */
import { z } from "zod";
import type { Driver } from "./driver.ts";
import type { DriverLike } from "./methods.ts";

/** Owns what a driver takes: closed in reverse order when the lease ends. */
export type Scope = AsyncDisposableStack;

/** Where a driver reports what it does; clients see it through LogStream. */
export interface DriverLog {
  debug(message: string): void;
  info(message: string): void;
  warning(message: string): void;
  error(message: string): void;
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

/** A driver that another one makes by itself, below it: `storage` of a TFTP server. */
export interface Part {
  readonly name: string;
  /** The Python class that official clients import for it. */
  readonly client: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly description?: string;
  readonly methodsDescription?: Readonly<Record<string, string>>;
  readonly parts?: readonly Part[];
}

/** The code of a driver. */
export interface DriverImplementation<C> {
  open(context: OpenContext<C>): DriverLike | Promise<DriverLike>;
  /** Throws what is wrong with the hardware that the config names, without disturbing it. */
  probe?(context: ProbeContext<C>): Promise<void> | void;
  /** The devices of this host that the driver could serve, for `jmp discover`. */
  discover?(): Promise<Discovery[]>;
}

/** What a driver says of itself, which needs none of its code. */
interface Description<S extends z.ZodType> {
  /** The dotted name that users write under `type:`. */
  readonly type: string;
  /** The Python class that official clients import for it: frozen wire data. */
  readonly client: string;
  /** Strict schema of `config:`; an unknown key is a mistake of the user. */
  readonly config: S;
  /** Whether entries may have `children:`. @default false */
  readonly children?: boolean;
  /** Whether the code can `discover` devices. @default false */
  readonly discoverable?: boolean;
  /** Further labels of the report, from the config alone. */
  labels?(config: z.output<S>): Record<string, string>;
  /** The drivers below this one that it makes by itself, from the config alone. */
  parts?(config: z.output<S>): readonly Part[];
}

/** A description, and how to get the code. */
interface Declaration<S extends z.ZodType> extends Description<S> {
  /** Imports the code; called when a config names the driver. */
  load(): Promise<DriverImplementation<z.output<S>>>;
}

/** A description with the code beside it, as a site's driver file has it. */
export type DriverDefinition<S extends z.ZodType> =
  & Description<S>
  & DriverImplementation<z.output<S>>;

/** A declared driver whose config type is no longer known: what lists and trees hold. */
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
 * The manifests by type, from one explicit list.
 *
 * @throws {Error} when two drivers answer to the same type.
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
