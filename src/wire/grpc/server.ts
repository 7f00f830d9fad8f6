/** A gRPC server on links of any kind. @module */
import { fulfilledWithin } from "../../base/deadline.ts";
import { Code, DriverError, ResourceExhausted } from "../error.ts";
import { Http2Endpoint, type Keepalive } from "../http2/endpoint.ts";
import type { Header } from "../http2/header_table.ts";
import type { Http2Stream } from "../http2/stream.ts";
import type { Link } from "../net/link.ts";
import { CountedLink, type Traffic } from "../net/traffic.ts";
import { hostOfAddress } from "../net/peer_address.ts";
import { Budget } from "./budget.ts";
import {
  type ConnectionLimit,
  type CountedConnection,
  PROCESS_LIMIT,
} from "../listen/connection_limit.ts";
import { type Acceptor, listen, type ListenAddress } from "../listen/listen.ts";
import type { Method, Methods } from "./methods.ts";
import { faultOfCall, httpAnswer, HttpRequest } from "./plain_http.ts";
import type { Peer, Refusal } from "./peer.ts";
import { ServerCall, type ServerCallOptions } from "./server_call.ts";

/** Clients ping every 20 s, with or without calls; so do we. */
const KEEPALIVE: Keepalive = { timeMs: 20_000, timeoutMs: 20_000 };

/** The most handlers of one connection that run at a time, including those whose client has left. */
const MAX_RUNNING = 1024;

/** How long connections may take to end when the server is disposed, in milliseconds. */
const FAREWELL_MS = 1_000;

/** How long a dismissed connection may take to end, in milliseconds: refusals are delayed. */
const DISMISSAL_MS = 3_000;

/**
 * How long a connection may stay without an accepted call, in milliseconds. gRPC clients call soon,
 * and reconnect by themselves when the server has closed their connection.
 */
const FIRST_CALL_MS = 10_000;

/** Options of a server. */
export interface GrpcServerOptions {
  readonly methods: Methods;
  /** Returns why a call is refused; undefined when it is accepted. */
  authorize?(call: ServerCall, peer: Peer): Refusal | undefined;
  /** @default 20 s, and 20 s for the answer */
  readonly keepalive?: Keepalive;
  /** The longest message that is accepted, in bytes. @default 4 MiB */
  readonly maxMessage?: number | undefined;
  /** Counts the memory of calls. @default the budget that all servers of the process share */
  readonly budget?: Budget;
  /** Limits its connections. @default the limit that all servers of the process share */
  readonly limit?: ConnectionLimit;
  /** How long a connection may stay without an accepted call, in milliseconds. @default 10 s */
  readonly firstCallMs?: number;
  /** Counts what its connections carry. */
  readonly traffic?: Traffic | undefined;
  /** Receives rare warnings about what keeps clients from connecting. */
  warn?(line: string): void;
  /** Receives rare warnings that calls were ended because they used too much memory. */
  evicted?(line: string): void;
}

/** The budget that all servers of the process share. */
const BUDGET = new Budget();

const GONE = new DOMException("the client's connection has ended", "AbortError");

interface Connection {
  readonly counted: CountedConnection;
  /** Closes the connection, unless a call is accepted before. */
  readonly deadline: ReturnType<typeof setTimeout>;
  readonly endpoint: Http2Endpoint;
  readonly peer: Peer;
  /** Options of its calls. */
  readonly calling: ServerCallOptions;
  /** Whether a call was accepted. */
  proven: boolean;
  /** Calls whose handlers run. */
  readonly calls: Set<ServerCall>;
  /** Aborted when it is closed; created on demand. */
  gone?: AbortController;
  /** Closes a dismissed connection that does not end by itself. */
  dismissed?: ReturnType<typeof setTimeout>;
}

function goneOf(connection: Connection): AbortController {
  return connection.gone ??= new AbortController();
}

/** Serves until it is disposed. */
export class GrpcServer implements AsyncDisposable {
  readonly #options: GrpcServerOptions;
  readonly #connections = new Set<Connection>();
  readonly #acceptors: Acceptor[] = [];
  readonly #calls = new Set<ServerCall>();
  #ended: DOMException | undefined;
  /** Called when the last call has ended, and when the last connection has. */
  #idle: (() => void) | undefined;
  #left: (() => void) | undefined;

  constructor(options: GrpcServerOptions) {
    this.#options = options;
  }

  /**
   * Serves on a TCP port or a Unix socket.
   *
   * @returns the port; 0 for a Unix socket
   */
  async listen(address: ListenAddress): Promise<number> {
    const { limit = PROCESS_LIMIT, warn = () => {} } = this.#options;
    const accept = (link: Link) => void this.serve(link);
    const acceptor = await listen(address, { limit, warn, accept });
    this.#acceptors.push(acceptor);
    return acceptor.port;
  }

  /** Serves one client, until it leaves or the server is disposed. */
  serve(bare: Link): Peer {
    const { keepalive = KEEPALIVE, budget = BUDGET, evicted, traffic } = this.#options;
    const link = traffic ? new CountedLink(bare, traffic) : bare;
    const { limit = PROCESS_LIMIT, firstCallMs = FIRST_CALL_MS, maxMessage: max } = this.#options;
    const endpoint = new Http2Endpoint("server", link, keepalive, {
      stream: (stream, headers) => this.#accept(connection, stream, headers),
      closed: () => {
        this.#connections.delete(connection);
        limit.delete(connection.counted);
        clearTimeout(connection.deadline);
        clearTimeout(connection.dismissed);
        goneOf(connection).abort(GONE);
        if (this.#connections.size === 0) this.#left?.();
      },
    });
    const address = link.peer ?? "an unknown peer";
    const peer: Peer = {
      address,
      dismiss: () => this.#dismiss(connection),
      expel: (error) => this.#expel(connection, error),
    };
    const connection: Connection = {
      endpoint,
      peer,
      calling: {
        share: budget.open(evicted),
        connection: () => goneOf(connection).signal,
        ...(max !== undefined && { max }),
      },
      proven: false,
      calls: new Set(),
      counted: {
        host: hostOfAddress(address),
        get idle() {
          return endpoint.connection.streams === 0;
        },
        dismiss: () => this.#dismiss(connection),
      },
      deadline: setTimeout(() => this.#dismiss(connection), firstCallMs),
    };
    this.#connections.add(connection);
    limit.add(connection.counted);
    if (this.#ended) endpoint.shutDown();
    return peer;
  }

  /** Aborts all present and future calls; resolves when the last present one has ended. */
  endCalls(reason: DOMException): Promise<void> {
    this.#ended = reason;
    for (const call of this.#calls) call.abort(reason);
    return new Promise((resolve) => {
      this.#idle = resolve;
      if (this.#calls.size === 0) resolve();
    });
  }

  /** Accepts no more connections and calls, sends pending answers for at most a second, and closes all connections. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended ??= new DOMException("the server has ended", "AbortError");
    const acceptors = this.#acceptors.splice(0);
    for (const acceptor of acceptors) acceptor.stop();
    for (const { endpoint } of this.#connections) endpoint.shutDown();
    await this.#emptied(FAREWELL_MS);
    for (const { endpoint } of this.#connections) endpoint.close();
    await Promise.all(acceptors.map((acceptor) => acceptor.close()));
  }

  /** Resolves when the last connection is closed, or after `ms`. */
  async #emptied(ms: number): Promise<void> {
    if (this.#connections.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#left = resolve;
    await fulfilledWithin(ms, promise);
  }

  #dismiss(connection: Connection): void {
    connection.endpoint.shutDown();
    connection.dismissed ??= setTimeout(() => connection.endpoint.close(), DISMISSAL_MS);
  }

  #expel(connection: Connection, error: Error): void {
    const reason = new DOMException(error.message, "AbortError");
    for (const call of connection.calls) {
      call.abort(reason);
      call.fail(error);
    }
    this.#dismiss(connection);
  }

  #accept(connection: Connection, stream: Http2Stream, headers: readonly Header[]): void {
    const answer = httpAnswer(headers);
    if (answer) return void new HttpRequest(stream, headers, answer);
    const { methods, authorize } = this.#options;
    const call = new ServerCall(stream, headers, connection.calling);
    const refusal = authorize?.(call, connection.peer);
    if (refusal) return call.turnAway(refusal.error, refusal.delayMs);
    const fault = faultOfCall(headers);
    if (fault !== undefined) return call.turnAway(new Error(fault));
    const serve = methods.get(call.path);
    if (!serve) return call.turnAway(new NoMethod(`there is no method ${call.path}`));
    if (connection.calls.size >= MAX_RUNNING) {
      const what = `more than ${MAX_RUNNING} calls at a time`;
      return call.turnAway(new ResourceExhausted(what));
    }
    this.#prove(connection);
    this.#run(connection, call, serve);
  }

  /** Marks the connection as proven: a call was accepted. */
  #prove(connection: Connection): void {
    if (connection.proven) return;
    connection.proven = true;
    clearTimeout(connection.deadline);
    (this.#options.limit ?? PROCESS_LIMIT).prove(connection.counted);
  }

  #run(connection: Connection, call: ServerCall, serve: Method): void {
    if (this.#ended) call.abort(this.#ended);
    this.#calls.add(call);
    connection.calls.add(call);
    const over = () => {
      connection.calls.delete(call);
      this.#calls.delete(call);
      call.settle();
      if (this.#ended && this.#calls.size === 0) this.#idle?.();
    };
    serve(call).then(over, (error) => {
      call.fail(error);
      over();
    });
  }
}

class NoMethod extends DriverError {
  override readonly code = Code.UNIMPLEMENTED;
}
