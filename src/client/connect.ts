/** Ways to the session of an exporter. @module */
import { Deadline } from "../base/deadline.ts";
import { dialTcp, dialTls, dialUnix } from "../wire/net/dial.ts";
import { formatEndpoint, parseEndpoint } from "../wire/net/endpoint.ts";
import type { Link } from "../wire/net/link.ts";
import type { TlsOptions } from "../wire/net/trusted_roots.ts";
import { grpcRoute } from "../wire/proxy/grpc_proxy.ts";
import { peerError, socketError } from "./connect_error.ts";
import { dialLocalExporter } from "./local/exporter.ts";
import { LocalExporterError } from "./local/request.ts";
import { openTunnel } from "./router_tunnel.ts";
import { SessionClient, type SessionClientOptions } from "./session_client.ts";

/** Where a session is served. Endpoints are `host:port`. */
export type SessionAddress =
  /** A Unix socket, as local shells and hooks use it. */
  | { readonly kind: "unix"; readonly path: string }
  /** An exporter that runs on this host: see {@linkcode dialLocalExporter}. */
  | { readonly kind: "local"; readonly exporter: string; readonly force: boolean }
  /** Direct mode without encryption. */
  | { readonly kind: "tcp"; readonly endpoint: string }
  /** Direct mode with TLS. */
  | { readonly kind: "tls"; readonly endpoint: string; readonly tls: TlsOptions }
  /** A tunnel through a router, as a controller answers Dial. */
  | {
    readonly kind: "router";
    readonly endpoint: string;
    readonly token: string;
    readonly tls: TlsOptions;
  };

/** How to connect. */
export interface ConnectOptions extends SessionClientOptions {
  /** Gives up. */
  readonly signal?: AbortSignal;
  /** Milliseconds until connecting fails; the exporter must have answered by then. @default 20_000 */
  readonly connectMs?: number;
}

/** As long as official clients wait for the first answer of a session. */
const CONNECT_MS = 20_000;

/**
 * Connects to a session and waits until it answers.
 *
 * @throws {ConnectError} when it cannot be reached or does not answer in time
 * @throws {LocalExporterError} when an exporter of this host cannot be used
 * @throws {RangeError} when an endpoint is not `host:port`
 * @throws the signal's reason
 */
export async function connectSession(
  address: SessionAddress,
  { signal, connectMs = CONNECT_MS, ...options }: ConnectOptions = {},
): Promise<SessionClient> {
  const authority = authorityOf(address);
  const late = () => new Error(`no answer within ${connectMs / 1000} s`);
  using deadline = new Deadline({ ms: connectMs, signal, late });
  try {
    const { link, ...carried } = await linkTo(address, deadline.signal);
    return await SessionClient.open(link, { authority, ...carried, ...options }, deadline.signal);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof LocalExporterError) throw error;
    throw address.kind === "unix"
      ? await socketError(address.path, error)
      : peerError(describeAddress(address), error);
  }
}

/** `at HOST:PORT`, or the name of an exporter of this host. */
export function describeAddress(address: SessionAddress): string {
  if (address.kind === "local") return address.exporter;
  return `at ${address.kind === "unix" ? address.path : address.endpoint}`;
}

/** The `:authority` of calls: official clients use "localhost" where there is no host. */
function authorityOf(address: SessionAddress): string {
  if (address.kind === "unix" || address.kind === "local") return "localhost";
  const endpoint = formatEndpoint(parseEndpoint(address.endpoint));
  return address.kind === "router" ? "localhost" : endpoint;
}

/** A link, and what to wait for beside it. */
type Carried = { readonly link: Link; readonly released?: Promise<void> };

async function linkTo(address: SessionAddress, signal: AbortSignal): Promise<Carried> {
  switch (address.kind) {
    case "unix":
      return { link: await dialUnix(address.path, signal) };
    case "local":
      return {
        link: await dialLocalExporter(address.exporter, { force: address.force, signal }),
      };
    case "tcp": {
      const endpoint = parseEndpoint(address.endpoint);
      return { link: await dialTcp(endpoint, signal, grpcRoute(endpoint).proxy) };
    }
    case "tls": {
      const endpoint = parseEndpoint(address.endpoint);
      return { link: await dialTls(endpoint, address.tls, signal, grpcRoute(endpoint).proxy) };
    }
    case "router":
      return await openTunnel(address, signal);
  }
}
