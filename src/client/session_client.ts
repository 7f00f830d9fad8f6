/** A client of an exporter's session. @module */
import type { Duplex } from "node:stream";
import {
  DriverCallRequest,
  type EndSessionResponse,
  ExporterServiceService as exporter,
  type GetReportResponse,
  type GetStatusResponse,
  type LogStreamResponse,
} from "../wire/gen/jumpstarter/v1/jumpstarter.ts";
import { RouterServiceService as router } from "../wire/gen/jumpstarter/v1/router.ts";
import { type CallSettings, type ClientMethod, GrpcClient } from "../wire/grpc/client.ts";
import type { ClientCall } from "../wire/grpc/client_call.ts";
import type { Keepalive } from "../wire/http2/endpoint.ts";
import type { Header } from "../wire/http2/header_table.ts";
import type { Link } from "../wire/net/link.ts";
import { PASSPHRASE_KEY } from "../wire/passphrase.ts";
import { clientBytes } from "../wire/router/client_bytes.ts";
import {
  formatStreamTarget,
  REQUEST_KEY,
  type StreamTarget,
} from "../wire/router/stream_target.ts";
import { toValue, type Value } from "../wire/value.ts";
import { OfferedBytes } from "./offered_bytes.ts";

/** How a client presents itself to a session. */
export interface SessionClientOptions {
  /** `:authority` of its calls. @default "localhost" */
  readonly authority?: string;
  /** The passphrase of direct mode. */
  readonly passphrase?: string;
  /** The longest message that is taken, in bytes. @default 4 MiB */
  readonly maxMessage?: number;
  /** What disposing the client waits for beside its link. */
  readonly released?: Promise<void>;
  /** How a peer that has vanished is noticed. @default 5 min of silence, then 20 s for an answer */
  readonly keepalive?: Keepalive;
}

/** What ends a call early. */
export type CallBounds = Pick<CallSettings, "signal" | "timeoutMs">;

/**
 * Asks seldom: official exporters close connections of clients that ping more often than every
 * 5 min while nothing else is said. We ask after three quarters of this time.
 */
const KEEPALIVE: Keepalive = { timeMs: 420_000, timeoutMs: 20_000 };

const driverCall = withValues(exporter.driverCall);
const streamingDriverCall = withValues(exporter.streamingDriverCall);

/**
 * Calls on one connection to a session. All of them throw {@linkcode StatusError} with the
 * exporter's status, UNAVAILABLE when the connection is lost, and their signal's reason. Disposing
 * the client ends its calls.
 */
export class SessionClient implements AsyncDisposable {
  readonly #grpc: GrpcClient;
  readonly #metadata: readonly Header[];
  readonly #closed = Promise.withResolvers<void>();
  readonly #released: Promise<void> | undefined;

  /** @param link carries the session, and is closed with the client */
  constructor(link: Link, options: SessionClientOptions = {}) {
    const { authority = "localhost", keepalive = KEEPALIVE, maxMessage, passphrase } = options;
    this.#released = options.released;
    this.#metadata = passphrase === undefined ? [] : [[PASSPHRASE_KEY, passphrase]];
    this.#grpc = new GrpcClient(link, {
      authority,
      keepalive,
      ...(maxMessage !== undefined && { maxMessage }),
      onClosed: () => this.#closed.resolve(),
    });
  }

  /**
   * A client on `link`, once the session answers there.
   *
   * @throws {StatusError} UNAVAILABLE when the link is closed before, and the signal's reason
   */
  static async open(
    link: Link,
    options: SessionClientOptions,
    signal: AbortSignal,
  ): Promise<SessionClient> {
    const client = new SessionClient(link, options);
    await client.#grpc.ready(signal);
    return client;
  }

  /** Resolves when the connection is closed, whichever side closed it. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /** The exporter's drivers: one report each, parents first. */
  report(bounds?: CallBounds): Promise<GetReportResponse> {
    return this.#grpc.unary(exporter.getReport, {}, this.#settings(bounds));
  }

  /** What the exporter is doing. */
  status(bounds?: CallBounds): Promise<GetStatusResponse> {
    return this.#grpc.unary(exporter.getStatus, {}, this.#settings(bounds));
  }

  /** Tells the exporter that the lease's work is done; it goes on to its afterLease hook. */
  endSession(bounds?: CallBounds): Promise<EndSessionResponse> {
    return this.#grpc.unary(exporter.endSession, {}, this.#settings(bounds));
  }

  /** The exporter's log: recent lines, then new ones as they come, until the session ends. */
  logs(bounds?: CallBounds): ReadableStream<LogStreamResponse> {
    return this.#grpc.stream(exporter.logStream, {}, this.#settings(bounds));
  }

  /** Calls a method of the driver `uuid`. */
  call(uuid: string, method: string, args: unknown[] = [], bounds?: CallBounds): Promise<Value> {
    const request = callRequest(uuid, method, args);
    return this.#grpc.unary(driverCall, request, this.#settings(bounds));
  }

  /** Calls a method that returns a stream of values; leaving the stream ends the call. */
  stream(
    uuid: string,
    method: string,
    args: unknown[] = [],
    bounds?: CallBounds,
  ): ReadableStream<Value> {
    const request = callRequest(uuid, method, args);
    return this.#grpc.stream(streamingDriverCall, request, this.#settings(bounds));
  }

  /**
   * Opens a byte stream of a driver, whose method is usually "connect". The bounds hold for as
   * long as it is open. Ends pass in each direction; destroying it tells the driver.
   */
  async bytes(uuid: string, method: string, bounds?: CallBounds): Promise<Duplex> {
    const call = this.#open({ kind: "driver", uuid, method }, bounds);
    await call.metadata;
    return clientBytes(call);
  }

  /**
   * Offers bytes to the calls of the driver `uuid`, or takes bytes from one of them: the call gets
   * the offer's handle as an argument.
   *
   * @param encoding the compression of the client's bytes: gzip, xz, bz2 or zstd
   */
  async offer(
    uuid: string,
    { encoding = null, ...bounds }: CallBounds & { readonly encoding?: string | null } = {},
  ): Promise<OfferedBytes> {
    const call = this.#open({ kind: "resource", uuid, encoding }, bounds);
    return await OfferedBytes.open(call);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#grpc[Symbol.dispose]();
    await Promise.all([this.#closed.promise, this.#released]);
  }

  #open(target: StreamTarget, bounds: CallBounds | undefined): ClientCall {
    const request: Header = [REQUEST_KEY, formatStreamTarget(target)];
    const { metadata, ...settings } = this.#settings(bounds);
    return this.#grpc.call(router.stream.path, { ...settings, metadata: [...metadata, request] });
  }

  #settings(bounds: CallBounds = {}): CallBounds & { readonly metadata: readonly Header[] } {
    return { ...bounds, metadata: this.#metadata };
  }
}

function callRequest(uuid: string, method: string, args: unknown[]): DriverCallRequest {
  return { uuid, method, args: args.map(toValue) };
}

/** The same method, whose responses are their results; an unset one is null. */
function withValues<Request>(
  method: ClientMethod<Request, { result?: unknown }>,
): ClientMethod<Request, Value> {
  const { path, requestSerialize, responseDeserialize } = method;
  return {
    path,
    requestSerialize,
    responseDeserialize: (bytes) => (responseDeserialize(bytes).result ?? null) as Value,
  };
}
