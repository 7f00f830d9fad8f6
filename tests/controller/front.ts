/**
 * A TLS port that feeds a grpc-js server. The sockets are ours and not grpc-js's, so
 * that ALPN can be answered as the real servers do it, connections can be cut, and
 * the same port can be closed and opened again.
 *
 * @module
 */
import type { AddressInfo } from "node:net";
import * as http2 from "node:http2";
import * as tls from "node:tls";
import { endLater } from "../../src/wire/grpc_js/http2_guard.ts";
import { Server, ServerCredentials, type ServerOptions } from "@grpc/grpc-js";
import type { KeyPair } from "./tls.ts";

/** Options of a {@linkcode TlsFront}. */
export interface FrontOptions {
  readonly pair: KeyPair;
  /** In the server's order of preference; the first one that the client offers is chosen. */
  readonly alpn: readonly string[];
  /** Adds the services to a fresh server, at every start. */
  readonly serve: (server: Server) => void;
  /** 0 lets the system choose at the first start. @default 0 */
  readonly port?: number;
  /** The address to listen on. @default "127.0.0.1" */
  readonly address?: string | undefined;
}

const SERVER_OPTIONS: ServerOptions = {
  "grpc.max_receive_message_length": -1,
  "grpc.max_send_message_length": -1,
};

/** A gRPC server on a TLS port, of the loopback interface by default. */
export class TlsFront {
  readonly #options: FrontOptions;
  readonly #sockets = new Set<tls.TLSSocket>();
  #port: number;
  #running: { listener: tls.Server; stop: () => void } | undefined;
  /** The reasons of failed TLS handshakes. */
  readonly handshakeErrors: string[] = [];
  /** The protocol of each connection; only `h2` is served. */
  readonly negotiated: (string | false)[] = [];

  constructor(options: FrontOptions) {
    this.#options = options;
    this.#port = options.port ?? 0;
  }

  /** The port, known once started, and kept for ever. */
  get port(): number {
    return this.#port;
  }

  /** How many connections are open. */
  get connections(): number {
    return this.#sockets.size;
  }

  /** Listens; does nothing if it already does. */
  async start(): Promise<void> {
    if (this.#running) return;
    const server = new Server(SERVER_OPTIONS);
    tune(server);
    this.#options.serve(server);
    const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
    const listener = tls.createServer({
      cert: this.#options.pair.certPem,
      key: this.#options.pair.keyPem,
      ALPNProtocols: [...this.#options.alpn],
    }, (socket) => {
      this.#accept(socket, (accepted) => injector.injectConnection(accepted));
    });
    listener.on("tlsClientError", (error: Error) => void this.handshakeErrors.push(error.message));
    const stop = () => {
      injector.destroy();
      server.forceShutdown();
    };
    this.#running = { listener, stop };
    await listen(listener, this.#port, this.#options.address);
    this.#port = (listener.address() as AddressInfo).port;
  }

  /** Closes the port and every connection at once, as a killed process does. */
  async stop(): Promise<void> {
    const running = this.#running;
    if (!running) return;
    this.#running = undefined;
    const closed = new Promise<void>((resolve) => running.listener.close(() => resolve()));
    running.stop();
    this.cut();
    await closed;
  }

  /** Cuts every connection; the port stays open. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #accept(socket: tls.TLSSocket, serve: (socket: tls.TLSSocket) => void): void {
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    this.negotiated.push(socket.alpnProtocol ?? false);
    if (socket.alpnProtocol === "h2") return serve(socket);
    // The answer of net/http to HTTP/2 on a connection that negotiated HTTP/1.1.
    socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n400 Bad Request");
  }
}

function listen(listener: tls.Server, port: number, address = "127.0.0.1"): Promise<void> {
  return new Promise((resolve, reject) => {
    listener.once("error", reject);
    listener.listen(port, address, () => {
      listener.off("error", reject);
      resolve();
    });
  });
}

const WINDOW = 4 * 1024 * 1024;

interface Internals {
  createHttp2Server(credentials: ServerCredentials): http2.Http2Server;
  commonServerOptions: http2.ServerOptions;
}

/**
 * Two things that grpc-js has no option for: a receive window that does not throttle
 * (Go's grows by itself), and sight of repeated headers, of which node:http2 keeps
 * only the first for `authorization` and the services must refuse all.
 */
function tune(server: Server): void {
  const internals = server as unknown as Internals;
  internals.commonServerOptions.settings = {
    ...internals.commonServerOptions.settings,
    initialWindowSize: WINDOW,
  };
  const create = internals.createHttp2Server;
  internals.createHttp2Server = (credentials) => {
    const made = create.call(server, credentials);
    made.on("session", (session) => {
      session.setLocalWindowSize(WINDOW);
      endLater(session);
    });
    made.prependListener("stream", (_stream, headers, _flags, raw) => joinRepeated(headers, raw));
    return made;
  };
}

function joinRepeated(headers: http2.IncomingHttpHeaders, raw: unknown): void {
  if (!Array.isArray(raw)) return;
  const values: string[] = [];
  for (let index = 0; index < raw.length; index += 2) {
    if (raw[index] === "authorization") values.push(String(raw[index + 1]));
  }
  if (values.length > 1) headers.authorization = values.join(", ");
}
