/**
 * Unary calls as promises, and their metadata.
 *
 * @module
 */
import {
  type CallOptions,
  type ChannelOptions,
  type ClientUnaryCall,
  Metadata,
  type ServiceError,
} from "@grpc/grpc-js";
import type { Identity } from "./records.ts";

/** A generated client's unary method. */
export type UnaryMethod<Req, Res> = (
  request: Req,
  metadata: Metadata,
  options: Partial<CallOptions>,
  callback: (error: ServiceError | null, response: Res) => void,
) => ClientUnaryCall;

/** The messages of a method; of its overloads, TypeScript infers from the last, which has all arguments. */
type Parts<Method> = Method extends UnaryMethod<infer Req, infer Res>
  ? { request: Req; response: Res }
  : never;
type AnyMethod<Method> = UnaryMethod<Parts<Method>["request"], Parts<Method>["response"]>;

/** How to {@linkcode ask}. */
export interface AskOptions {
  readonly metadata?: Metadata;
  /** Milliseconds until DEADLINE_EXCEEDED. @default 10000 */
  readonly timeoutMs?: number;
  /** Cancels the call. */
  readonly signal?: AbortSignal;
}

/** Each client has a socket of its own, which is closed with it. */
export const OWN_SOCKET: ChannelOptions = { "grpc.use_local_subchannel_pool": 1 };

/**
 * Calls `client[method](request)`.
 * @throws {ServiceError} as grpc-js gives it
 */
export function ask<C, M extends keyof C>(
  client: C,
  method: M,
  request: Parts<C[M]>["request"],
  { metadata = new Metadata(), timeoutMs = 10_000, signal }: AskOptions = {},
): Promise<Parts<C[M]>["response"]> {
  const deadline = Date.now() + timeoutMs;
  const start = (client[method] as AnyMethod<C[M]>).bind(client);
  return new Promise((resolve, reject) => {
    const cancel = () => call.cancel();
    const call = start(request, metadata, { deadline }, (error, response) => {
      signal?.removeEventListener("abort", cancel);
      if (error) reject(error);
      else resolve(response);
    });
    signal?.addEventListener("abort", cancel, { once: true });
  });
}

/** The four keys by which the controller knows an exporter or a client. */
export function identityMetadata(kind: string, { namespace, name, token }: Identity): Metadata {
  const metadata = new Metadata();
  metadata.set("authorization", `Bearer ${token}`);
  metadata.set("jumpstarter-kind", kind);
  metadata.set("jumpstarter-namespace", namespace);
  metadata.set("jumpstarter-name", name);
  return metadata;
}
