/**
 * Authentication: the four metadata keys of every call to the controller.
 *
 * @module
 */
import type { Metadata } from "@grpc/grpc-js";
import { Code, RpcError } from "./rpc_error.ts";
import { type ClientRecord, type ExporterRecord, key } from "./records.ts";
import type { Store } from "./state.ts";

/** The values of `jumpstarter-kind`. */
export type Kind = "Exporter" | "Client";

/**
 * The token after `Bearer `, whose case does not matter.
 * @throws {RpcError} where the header is missing, repeated or of another scheme
 */
export function bearerToken(metadata: Metadata): string {
  const headers = valuesOf(metadata, "authorization");
  if (headers.length === 0) {
    throw new RpcError(Code.UNAUTHENTICATED, "missing authorization header");
  }
  if (headers.length > 1) {
    throw new RpcError(Code.UNAUTHENTICATED, "multiple authorization headers");
  }
  const [, token] = /^bearer (.+)$/i.exec(headers[0] ?? "") ?? [];
  if (!token) throw new RpcError(Code.UNAUTHENTICATED, "malformed authorization header");
  return token;
}

/** The caller's kind. @throws {RpcError} if it is missing or repeated */
export function kindOf(metadata: Metadata): string {
  return single(metadata, "jumpstarter-kind");
}

/** The calling exporter. @throws {RpcError} if the caller is none, or has another token */
export function authenticateExporter(store: Store, metadata: Metadata): ExporterRecord {
  const { token, id } = identify(store, metadata, "Exporter");
  return own(store.exporters.get(id), token, `exporter ${id}`);
}

/** The calling client. @throws {RpcError} if the caller is none, or has another token */
export function authenticateClient(store: Store, metadata: Metadata): ClientRecord {
  const { token, id } = identify(store, metadata, "Client");
  return own(store.clients.get(id), token, `client ${id}`);
}

function identify(store: Store, metadata: Metadata, kind: Kind): { token: string; id: string } {
  const token = bearerToken(metadata);
  const holders = [...store.exporters.values(), ...store.clients.values()];
  if (!store.issued.has(token) && !holders.some((holder) => holder.token === token)) {
    throw new RpcError(Code.UNAUTHENTICATED, "invalid token");
  }
  const namespace = single(metadata, "jumpstarter-namespace");
  const name = single(metadata, "jumpstarter-name");
  if (kindOf(metadata) !== kind) throw new RpcError(Code.INVALID_ARGUMENT, "object kind mismatch");
  return { token, id: key(namespace, name) };
}

function own<T extends { token: string }>(record: T | undefined, token: string, what: string): T {
  if (!record) throw new RpcError(Code.UNKNOWN, `${what}: not found`);
  if (record.token !== token) throw new RpcError(Code.PERMISSION_DENIED, "permission denied");
  return record;
}

function single(metadata: Metadata, name: string): string {
  const values = valuesOf(metadata, name);
  if (values.length === 0 || values[0] === "") {
    throw new RpcError(Code.INVALID_ARGUMENT, `missing metadata: ${name}`);
  }
  if (values.length > 1) {
    throw new RpcError(Code.INVALID_ARGUMENT, `multiple metadata values: ${name}`);
  }
  return values[0] ?? "";
}

/** HTTP/2 libraries join repeated headers with a comma, which none of these values can contain. */
function valuesOf(metadata: Metadata, name: string): string[] {
  return metadata.get(name).flatMap((value) => String(value).split(", "));
}
