/** ControllerService as an exporter calls it: credentials, deadlines, streams. @module */
import {
  type CallOptions,
  type ClientReadableStream,
  type ClientUnaryCall,
  connectivityState,
  Metadata,
  type ServiceError,
} from "@grpc/grpc-js";
import { withDeadline } from "../base/deadline.ts";
import { channelOptions, withServerName } from "../wire/grpc/channel_options.ts";
import { channelCredentials } from "../wire/grpc_js/credentials.ts";
import type { TlsOptions } from "../wire/net/trusted_roots.ts";
import { Code } from "../wire/code.ts";
import { formatEndpoint, parseEndpoint } from "../wire/net/endpoint.ts";
import { ConnectionFailed, Timeout } from "../wire/error.ts";
import {
  type ListenResponse,
  type RegisterRequest,
  type RegisterResponse,
  type ReleaseLeaseResponse,
  type ReportStatusRequest,
  type ReportStatusResponse,
  type StatusResponse,
  type UnregisterResponse,
} from "../wire/gen/jumpstarter/v1/jumpstarter.ts";
import { ControllerServiceClient } from "../wire/grpc_js/clients.ts";

/** Whom to reach, and as whom. */
export interface ControllerOptions {
  /** `host:port`. */
  readonly endpoint: string;
  readonly tls: TlsOptions;
  readonly channelOptions: Readonly<Record<string, string | number>>;
  readonly identity: { readonly namespace: string; readonly name: string };
  /** Asked before each call, so that a rotated token is taken up. */
  token(): Promise<string>;
  /** Each attempt to connect or of a unary call ends within this. @default 30_000 */
  readonly deadlineMs?: number;
}

/**
 * A controller that says nothing for 40 s is left, as a lease may be waiting there: it is
 * asked after 20 s, as by official exporters, but given 20 s and not 180 s for its answer.
 */
const KEEPALIVE = { "grpc.keepalive_timeout_ms": 20_000 } as const;

/** What official exporters give a unary call, in milliseconds. */
const DEADLINE_MS = 30_000;

/** How much longer than it should a loss may go unnoticed by grpc-js before we act. */
const GUARD_MS = 5_000;

type Unary<Request, Response> = (
  request: Request,
  metadata: Metadata,
  options: Partial<CallOptions>,
  callback: (error: ServiceError | null, response: Response) => void,
) => ClientUnaryCall;

/** One connection to the controller; one that does not come about gives way to a new one. */
export class ControllerClient implements Disposable {
  readonly #options: ControllerOptions;
  #client: ControllerServiceClient;
  /** `host:port`, as the connection uses it. */
  readonly endpoint: string;
  readonly tls: TlsOptions;

  constructor(options: ControllerOptions) {
    this.#options = options;
    this.tls = withServerName(options.tls, options.channelOptions);
    this.endpoint = formatEndpoint(parseEndpoint(options.endpoint));
    this.#client = this.#connect();
  }

  /** Makes the exporter known, with its drivers. */
  register(request: RegisterRequest, signal: AbortSignal): Promise<RegisterResponse> {
    return this.#unary(this.#client.register, request, signal);
  }

  /** Tells the exporter's status, by which the controller gates leases and dials. */
  reportStatus(request: ReportStatusRequest, signal: AbortSignal): Promise<ReportStatusResponse> {
    return this.#unary(this.#client.reportStatus, request, signal);
  }

  /** Gives a lease back; `name` is the bare lease name. */
  releaseLease(name: string, signal: AbortSignal): Promise<ReleaseLeaseResponse> {
    return this.#unary(this.#client.releaseLease, { name }, signal);
  }

  /** Says goodbye. */
  unregister(reason: string, signal: AbortSignal): Promise<UnregisterResponse> {
    return this.#unary(this.#client.unregister, { reason }, signal);
  }

  /** The controller's view of this exporter: the current one at once, and then every change. */
  status(signal: AbortSignal): AsyncGenerator<StatusResponse> {
    return this.#stream((metadata) => this.#client.status({}, metadata), signal);
  }

  /** The dials of clients to `leaseName`, for as long as it is read; `onOpen` when it was asked for. */
  listen(
    leaseName: string,
    signal: AbortSignal,
    onOpen: () => void,
  ): AsyncGenerator<ListenResponse> {
    const open = (metadata: Metadata) => {
      const call = this.#client.listen({ leaseName }, metadata);
      onOpen();
      return call;
    };
    return this.#stream(open, signal);
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }

  async #unary<Request, Response>(
    // deno-lint-ignore no-explicit-any
    method: any,
    request: Request,
    signal: AbortSignal,
  ): Promise<Response> {
    const metadata = await this.#credentials();
    signal.throwIfAborted();
    const client = this.#client;
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    const deadline = this.#deadline();
    const call = (method as Unary<Request, Response>).call(
      client,
      request,
      metadata,
      { deadline },
      (error, response) => {
        if (error?.code === Code.DEADLINE_EXCEEDED) this.#replace(client);
        return error ? reject(error) : resolve(response);
      },
    );
    const cancel = () => call.cancel();
    signal.addEventListener("abort", cancel);
    // grpc-js has been seen to lose a call with its connection, deadline and all.
    const late = () => {
      cancel();
      this.#replace(client);
      return new Timeout("the call got no answer");
    };
    try {
      return await withDeadline(promise, { ms: deadline + GUARD_MS - Date.now(), late });
    } finally {
      signal.removeEventListener("abort", cancel);
    }
  }

  async *#stream<Response>(
    open: (metadata: Metadata) => ClientReadableStream<Response>,
    signal: AbortSignal,
  ): AsyncGenerator<Response> {
    await this.#connected(signal);
    const call = open(await this.#credentials());
    const cancel = () => call.cancel();
    signal.addEventListener("abort", cancel);
    if (signal.aborted) cancel();
    const watch = this.#watch(call);
    try {
      for await (const message of call) yield message as Response;
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      clearInterval(watch);
      signal.removeEventListener("abort", cancel);
      call.cancel();
    }
  }

  /** Ends a stream that outlived its connection without a word from grpc-js. */
  #watch(call: ClientReadableStream<unknown>): ReturnType<typeof setInterval> {
    let misses = 0;
    return setInterval(() => {
      const state = this.#client.getChannel().getConnectivityState(false);
      misses = state === connectivityState.READY ? 0 : misses + 1;
      if (misses >= 3) call.destroy(new ConnectionFailed("the connection was lost"));
    }, GUARD_MS);
  }

  /** A stream has no deadline, so the connection that it needs gets one. */
  #connected(signal: AbortSignal): Promise<void> {
    const client = this.#client;
    return new Promise((resolve, reject) => {
      if (signal.aborted) return resolve();
      const leave = () => resolve();
      signal.addEventListener("abort", leave);
      client.waitForReady(this.#deadline(), (error) => {
        signal.removeEventListener("abort", leave);
        if (!error) return resolve();
        this.#replace(client);
        reject(error);
      });
    });
  }

  #connect(): ControllerServiceClient {
    return new ControllerServiceClient(
      `dns:${this.endpoint}`,
      channelCredentials(this.#options.tls),
      channelOptions({ ...KEEPALIVE, ...this.#options.channelOptions }),
    );
  }

  /**
   * Leaves a connection that did not come about in time: grpc-js waits without end for
   * a peer that takes the connection and says nothing, and for the system as long as
   * its resolver or a connection attempt hangs.
   */
  #replace(client: ControllerServiceClient): void {
    if (client !== this.#client || !isWaiting(client)) return;
    this.#client = this.#connect();
    client.close();
  }

  #deadline(): number {
    return Date.now() + (this.#options.deadlineMs ?? DEADLINE_MS);
  }

  /** Each key exactly once, or the controller refuses the call. */
  async #credentials(): Promise<Metadata> {
    const { identity, token } = this.#options;
    const metadata = new Metadata();
    metadata.set("authorization", `Bearer ${await token()}`);
    metadata.set("jumpstarter-kind", "Exporter");
    metadata.set("jumpstarter-namespace", identity.namespace);
    metadata.set("jumpstarter-name", identity.name);
    return metadata;
  }
}

/** Neither connected nor closed for good. */
function isWaiting(client: ControllerServiceClient): boolean {
  const state = client.getChannel().getConnectivityState(false);
  return state !== connectivityState.READY && state !== connectivityState.SHUTDOWN;
}
