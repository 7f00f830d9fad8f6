/**
 * Calls to the controller by hand, on a connection of their own.
 *
 * @module
 */
import { type CallSettings, type ClientMethod, GrpcClient } from "../../src/wire/grpc/client.ts";
import type { Header } from "../../src/wire/http2/header_table.ts";
import { dialTls } from "../../src/wire/net/dial.ts";
import { parseEndpoint } from "../../src/wire/net/endpoint.ts";
import type { Identity } from "./records.ts";

/** How long connecting and a unary call may take, in milliseconds. */
const PATIENCE_MS = 10_000;

/** A connection to a TLS port. @throws {Error} when it does not come about within 10 s */
export async function connect(endpoint: string, caPem: string): Promise<GrpcClient> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const link = await dialTls(parseEndpoint(endpoint), { ca: caPem, insecure: false }, signal);
  const keepalive = { timeMs: 20_000, timeoutMs: 20_000 };
  return await GrpcClient.open(link, { authority: endpoint, keepalive }, signal);
}

/** A connection that is opened at once, and awaited by its first call. */
export class Connection implements Disposable {
  /** For calls that are no unary ones. */
  readonly client: Promise<GrpcClient>;

  constructor({ endpoint, caPem }: { readonly endpoint: string; readonly caPem: string }) {
    this.client = connect(endpoint, caPem);
    this.client.catch(() => {});
  }

  /** Makes a unary call. @throws {StatusError} DEADLINE_EXCEEDED after 10 s, unless `settings` say otherwise */
  async ask<Request, Response>(
    method: ClientMethod<Request, Response>,
    request: Request,
    settings: CallSettings = {},
  ): Promise<Response> {
    const client = await this.client;
    return await client.unary(method, request, { timeoutMs: PATIENCE_MS, ...settings });
  }

  [Symbol.dispose](): void {
    this.client.then((client) => client[Symbol.dispose](), () => {});
  }
}

/** The four keys by which the controller knows an exporter or a client. */
export function identityMetadata(kind: string, { namespace, name, token }: Identity): Header[] {
  return [
    ["authorization", `Bearer ${token}`],
    ["jumpstarter-kind", kind],
    ["jumpstarter-namespace", namespace],
    ["jumpstarter-name", name],
  ];
}
