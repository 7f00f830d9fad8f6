/**
 * The messages between the exporter and the worker of a custom driver. All of them can be cloned
 * (structured clone).
 *
 * @module
 */
import type { JsonSchema } from "../../driver/json_schema.ts";
import type { MethodTexts } from "../../driver/manifest.ts";
import type { Value } from "../../wire/value.ts";

/** An error in a message; `failure.ts` converts errors to it and back. */
export interface Failure {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  /** A gRPC code of a DriverError, or a system error's name such as ECONNREFUSED. */
  readonly code?: number | string;
}

/** Identifies a driver within a file: the export, and the index in what it returns. */
export interface Ref {
  readonly export: string;
  readonly index: number;
}

/** The properties of a driver that the exporter needs before it opens it. */
export interface DriverSummary {
  readonly ref: Ref;
  /** Missing if the file declares none, so that only a reference to the file names the driver. */
  readonly type?: string;
  readonly client: string;
  readonly children: boolean;
  readonly labels: boolean;
  readonly probe: boolean;
  /** What it is, in one line. */
  readonly summary?: string;
  readonly methods?: MethodTexts;
}

/** The exports of a file. */
export interface Exports {
  /** Functions, which may return drivers. */
  readonly functions: readonly string[];
  /** Anything else, for error messages. */
  readonly others: readonly string[];
}

/** Why a value that an export returns is no driver. */
export interface Problem {
  /** The type that it declares, if that is valid. */
  readonly type?: string;
  /** `expected …, found …` and what to do. */
  readonly text: string;
}

/** The result of calling an export: its drivers, and the problems of the others. */
export interface Defined {
  readonly summaries: readonly DriverSummary[];
  readonly problems: readonly Problem[];
}

/** An issue of a config schema, as zod reports it; further keys depend on `code`. */
export interface Issue {
  readonly code: string;
  readonly message: string;
  readonly path: readonly (string | number)[];
  readonly [key: string]: unknown;
}

/** The labels of a valid config, or the issues of an invalid one. */
export type Parsed =
  | { readonly labels: Readonly<Record<string, string>> }
  | { readonly issues: readonly Issue[] };

/** The request to open a driver. */
export interface OpenRequest {
  readonly instance: number;
  readonly ref: Ref;
  /** The type that the config names. */
  readonly type: string;
  /** The config as in the YAML; the worker's schema parses it again. */
  readonly config: unknown;
  readonly path: string;
  /** The names of its children. */
  readonly children: readonly string[];
}

/**
 * Identifies an open driver: one in the worker, or one of its children, which is on the exporter's
 * side.
 */
export interface Target {
  readonly instance: number;
  readonly child?: string;
}

/** Identifies a method of an open driver. */
export interface MethodRequest {
  readonly target: Target;
  readonly method: string;
}

/** The requests to the drivers of the other side, in either direction. */
export interface DriverOps {
  /** `call` is the number that requests for its handles refer to. */
  call(request: MethodRequest & { args: readonly Value[]; call: number }): Value;
  /** Starts a stream method; items are fetched with `next`. */
  iterate(request: MethodRequest & { args: readonly Value[]; stream: number }): void;
  next(request: { stream: number }): { done: boolean; value: Value };
  /** Opens a byte stream over `channel`. */
  connect(request: MethodRequest & { channel: number }): void;
}

/** The requests of the exporter to the worker. */
export interface WorkerOps extends DriverOps {
  ping(request: null): void;
  load(request: { url: string }): Exports;
  define(request: { export: string }): Defined;
  parse(request: { ref: Ref; config: unknown }): Parsed;
  /** Converts the schema of a config; without an answer if it is of another library, or huge. */
  describe(request: { ref: Ref }): { schema?: JsonSchema };
  probe(request: { ref: Ref; config: unknown }): void;
  open(request: OpenRequest): void;
  close(request: { instance: number }): void;
}

/** Identifies a handle of a running call, and the channel for its bytes. */
export interface ResourceRequest {
  readonly call: number;
  readonly handle: Value;
  readonly channel: number;
}

/** The requests of the worker to the exporter. */
export interface HostOps extends DriverOps {
  /** Answers when the bytes begin to arrive. */
  read(request: ResourceRequest): { size?: number };
  /** Answers when all bytes have been handed to the client's connection. */
  write(request: ResourceRequest & { readonly size?: number }): void;
}

/** The severity of a log line. */
export type LogLevel = "debug" | "info" | "warning" | "error";

/** A message without an answer. */
export type Note =
  | { op: "log"; instance: number; level: LogLevel; message: string }
  /** The driver's code threw an error that it did not catch. */
  | { op: "crashed"; failure: Failure }
  /** The lease of the instance ends. */
  | { op: "abort"; instance: number }
  /** The stream is no longer read. */
  | { op: "finish"; stream: number }
  | { op: "data"; channel: number; bytes: Uint8Array<ArrayBuffer> }
  | { op: "credit"; channel: number; bytes: number }
  /** With a failure if the bytes are not complete: what was sent before is still read. */
  | { op: "end"; channel: number; failure?: Failure }
  | { op: "destroy"; channel: number; failure?: Failure };

/** One message in either direction. */
export type Message =
  | { kind: "request"; id: number; op: string; request: unknown }
  | { kind: "answer"; id: number; answer: unknown }
  | { kind: "failure"; id: number; failure: Failure }
  | { kind: "cancel"; id: number }
  | { kind: "note"; note: Note };
