/** A client of ControllerService for exporters: credentials, deadlines, streams. @module */
import { type ClientReadableStream, connectivityState, Metadata } from "@grpc/grpc-js";
import { withDeadline } from "../base/deadline.ts";
import { channelOptions, withServerName } from "../wire/grpc/channel_options.ts";
import { channelCredentials } from "../wire/grpc_js/credentials.ts";
import type { TlsOptions } from "../wire/net/trusted_roots.ts";
import { Code } from "../wire/code.ts";
import { type Endpoint, formatEndpoint, parseEndpoint } from "../wire/net/endpoint.ts";
import { grpcRoute, type Route } from "../wire/proxy/grpc_proxy.ts";
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
import {
  ControllerServiceClient,
  type UnaryMethod,
} from "../wire/grpc_js/controller_service_client.ts";

/** The controller, and the exporter's identity there. */
export interface ControllerOptions {
  /** `host:port`. */
  readonly endpoint: string;
  readonly tls: TlsOptions;
  readonly channelOptions: Readonly<Record<string, string | number>>;
  readonly identity: { readonly namespace: string; readonly name: string };
  /** Called before each call, so that a rotated token is used. */
  token(): Promise<string>;
  /** Bound of each unary call, and of each attempt to connect for a stream. @default 30_000 */
  readonly deadlineMs?: number;
}

/**
 * A controller that is silent for 40 s is disconnected, as a lease may be waiting: a ping is sent
 * after 20 s, as by official exporters, but must be answered within 20 s instead of 180 s.
 */
const KEEPALIVE = { "grpc.keepalive_timeout_ms": 20_000 } as const;

/** The deadline of unary calls of official exporters, in milliseconds. */
const DEADLINE_MS = 30_000;

/**
 * Longest time to connect, in milliseconds: three repetitions of a lost packet. Only a new
 * connection asks for the addresses of the controller's name again.
 */
const CONNECT_MS = 10_000;

/** Time after which a loss that grpc-js should have noticed is handled here, in milliseconds. */
const GUARD_MS = 5_000;

/** A connection to the controller, replaced by a new one if it is not established in time. */
export class ControllerClient implements Disposable {
  readonly #options: ControllerOptions;
  readonly #target: Endpoint;
  #client: ControllerServiceClient;
  /** `host:port`, as the connection uses it. */
  readonly endpoint: string;
  readonly tls: TlsOptions;
  /** Whether a proxy is between. */
  readonly route: Route;

  constructor(options: ControllerOptions) {
    this.#options = options;
    this.tls = withServerName(options.tls, options.channelOptions);
    this.#target = parseEndpoint(options.endpoint);
    this.endpoint = formatEndpoint(this.#target);
    this.route = grpcRoute(this.#target, options.channelOptions);
    this.#client = this.#connect();
  }

  /** The token of the next call. */
  token(): Promise<string> {
    return this.#options.token();
  }

  /** Registers the exporter and its drivers. */
  register(request: RegisterRequest, signal: AbortSignal): Promise<RegisterResponse> {
    return this.#unary(this.#client.register, request, signal);
  }

  /** Reports the exporter's status, which decides whether it gets leases and dials. */
  reportStatus(request: ReportStatusRequest, signal: AbortSignal): Promise<ReportStatusResponse> {
    return this.#unary(this.#client.reportStatus, request, signal);
  }

  /** Releases a lease; `name` is the lease name without a namespace. */
  releaseLease(name: string, signal: AbortSignal): Promise<ReleaseLeaseResponse> {
    return this.#unary(this.#client.releaseLease, { name }, signal);
  }

  /** Unregisters the exporter. */
  unregister(reason: string, signal: AbortSignal): Promise<UnregisterResponse> {
    return this.#unary(this.#client.unregister, { reason }, signal);
  }

  /** Streams the controller's view of this exporter: the current one first, then each change. */
  status(signal: AbortSignal): AsyncGenerator<StatusResponse> {
    return this.#stream((metadata) => this.#client.status({}, metadata), signal);
  }

  /** Streams the dials of clients to `leaseName`; calls `onOpen` when the request was sent. */
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
    method: UnaryMethod<Request, Response>,
    request: Request,
    signal: AbortSignal,
  ): Promise<Response> {
    const metadata = await this.#credentials();
    signal.throwIfAborted();
    const client = this.#client;
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    const deadline = this.#deadline();
    const call = method.call(
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
    // grpc-js sometimes loses a call with its connection, and then ignores the deadline.
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

  /** Ends a stream whose connection is lost, if grpc-js does not notice it. */
  #watch(call: ClientReadableStream<unknown>): ReturnType<typeof setInterval> {
    let misses = 0;
    return setInterval(() => {
      const state = this.#client.getChannel().getConnectivityState(false);
      misses = state === connectivityState.READY ? 0 : misses + 1;
      if (misses >= 3) call.destroy(new ConnectionFailed("the connection was lost"));
    }, GUARD_MS);
  }

  /** Waits for the connection, with a deadline: streams have none. */
  #connected(signal: AbortSignal): Promise<void> {
    const client = this.#client;
    return new Promise((resolve, reject) => {
      if (signal.aborted) return resolve();
      const leave = () => resolve();
      signal.addEventListener("abort", leave);
      const deadline = Math.min(this.#deadline(), Date.now() + CONNECT_MS);
      client.waitForReady(deadline, (error) => {
        signal.removeEventListener("abort", leave);
        if (!error) return resolve();
        this.#replace(client);
        reject(error);
      });
    });
  }

  #connect(): ControllerServiceClient {
    const { tls, channelOptions: user } = this.#options;
    const { proxy } = this.route;
    const target = this.#target;
    const authority = { "grpc.default_authority": this.endpoint };
    return new ControllerServiceClient(
      `dns:${formatEndpoint(proxy ?? target)}`,
      channelCredentials(tls, { hop: proxy && { proxy, target } }),
      channelOptions({ ...KEEPALIVE, ...authority, ...user }),
    );
  }

  /**
   * Replaces a connection that was not established in time: grpc-js waits without a bound for a
   * silent peer, for name resolution and for connect(2).
   */
  #replace(client: ControllerServiceClient): void {
    if (client !== this.#client || !isWaiting(client)) return;
    this.#client = this.#connect();
    client.close();
  }

  #deadline(): number {
    return Date.now() + (this.#options.deadlineMs ?? DEADLINE_MS);
  }

  /** The controller refuses a call with a key that occurs twice. */
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
