/**
 * What the exporter and the worker of a custom driver say to each other. Everything
 * here survives structured cloning.
 *
 * @module
 */
import type { Value } from "../../wire/value.ts";

/** An error on its way to the other side; `failure.ts` makes and restores it. */
export interface Failure {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  /** A gRPC code of a DriverError, or a system error's name such as ECONNREFUSED. */
  readonly code?: number | string;
}

/** A driver within a file: the export, and its place in what the export returns. */
export interface Ref {
  readonly export: string;
  readonly index: number;
}

/** What the exporter must know of a driver before it opens it. */
export interface DriverSummary {
  readonly ref: Ref;
  /** Missing where the file leaves it to YAML to name the driver. */
  readonly type?: string;
  readonly client: string;
  readonly children: boolean;
  readonly labels: boolean;
  readonly probe: boolean;
}

/** What a file exports. */
export interface Exports {
  /** Functions, which may return drivers. */
  readonly functions: readonly string[];
  /** Anything else, for error messages. */
  readonly others: readonly string[];
}

/** Why something that an export returns is no driver. */
export interface Problem {
  /** The type that it declares, where that much is right. */
  readonly type?: string;
  /** `expected …, found …` and what to do. */
  readonly text: string;
}

/** What became of calling one export: drivers, and what is wrong with the others. */
export interface Defined {
  readonly summaries: readonly DriverSummary[];
  readonly problems: readonly Problem[];
}

/** A complaint of a config schema, as zod words it; further keys depend on `code`. */
export interface Issue {
  readonly code: string;
  readonly message: string;
  readonly path: readonly (string | number)[];
  readonly [key: string]: unknown;
}

/** The labels that a valid config gives, or what is wrong with it. */
export type Parsed =
  | { readonly labels: Readonly<Record<string, string>> }
  | { readonly issues: readonly Issue[] };

/** Everything that opening needs. */
export interface OpenRequest {
  readonly instance: number;
  readonly ref: Ref;
  /** The type that the config names. */
  readonly type: string;
  /** The config as YAML has it; the worker's schema parses it again. */
  readonly config: unknown;
  readonly path: string;
  /** The names of its children. */
  readonly children: readonly string[];
}

/** Names an open driver: one of the worker's, or from there a child, which the exporter has. */
export interface Target {
  readonly instance: number;
  readonly child?: string;
}

/** Names a method of an open driver. */
export interface MethodRequest {
  readonly target: Target;
  readonly method: string;
}

/** What either side asks of the drivers that the other has. */
export interface DriverOps {
  /** `call` numbers it, for what it asks in return. */
  call(request: MethodRequest & { args: readonly Value[]; call: number }): Value;
  /** Starts a stream method; items are fetched with `next`. */
  iterate(request: MethodRequest & { args: readonly Value[]; stream: number }): void;
  next(request: { stream: number }): { done: boolean; value: Value };
  /** Opens a byte stream over `channel`. */
  connect(request: MethodRequest & { channel: number }): void;
}

/** What the exporter asks of the worker. */
export interface WorkerOps extends DriverOps {
  ping(request: null): void;
  load(request: { url: string }): Exports;
  define(request: { export: string }): Defined;
  parse(request: { ref: Ref; config: unknown }): Parsed;
  probe(request: { ref: Ref; config: unknown }): void;
  open(request: OpenRequest): void;
  close(request: { instance: number }): void;
}

/** Names a handle of a running call, and the channel that its bytes take. */
export interface ResourceRequest {
  readonly call: number;
  readonly handle: Value;
  readonly channel: number;
}

/** What the worker asks of the exporter. */
export interface HostOps extends DriverOps {
  /** Answers once the bytes are coming. */
  read(request: ResourceRequest): { size?: number };
  /** Answers once all bytes are on their way to the client. */
  write(request: ResourceRequest): void;
}

/** How grave a driver's log line is. */
export type LogLevel = "debug" | "info" | "warning" | "error";

/** What is said without an answer. */
export type Note =
  | { op: "log"; instance: number; level: LogLevel; message: string }
  /** The driver's code threw where nothing catches. */
  | { op: "crashed"; failure: Failure }
  /** The lease of the instance ends. */
  | { op: "abort"; instance: number }
  /** Nobody reads this stream any more. */
  | { op: "finish"; stream: number }
  | { op: "data"; channel: number; bytes: Uint8Array<ArrayBuffer> }
  | { op: "credit"; channel: number; bytes: number }
  | { op: "end"; channel: number }
  | { op: "destroy"; channel: number; failure?: Failure };

/** One message in either direction. */
export type Message =
  | { kind: "request"; id: number; op: string; request: unknown }
  | { kind: "answer"; id: number; answer: unknown }
  | { kind: "failure"; id: number; failure: Failure }
  | { kind: "cancel"; id: number }
  | { kind: "note"; note: Note };
