/**
 * The options of a channel that `grpcOptions:` of a config sets. They have the names of gRPC core
 * ("channel arguments"), which official exporters pass on as they are.
 *
 * @module
 */
import type { TlsOptions } from "../net/trusted_roots.ts";
import { DEFAULT_MAX_MESSAGE } from "./message.ts";

/** Values by the names of gRPC core. */
export type ChannelOptions = Readonly<Record<string, string | number>>;

/** The options that official exporters set where `grpcOptions:` does not. */
const DEFAULT_OPTIONS = {
  "grpc.keepalive_time_ms": 20_000,
  "grpc.keepalive_timeout_ms": 180_000,
  "grpc.keepalive_permit_without_calls": 1,
} as const;

/** Our own options: reconnect soon to a controller that was away, or has moved, and limit no message that we send. */
const OWN_OPTIONS = {
  "grpc.initial_reconnect_backoff_ms": 500,
  "grpc.max_reconnect_backoff_ms": 5_000,
  "grpc.dns_min_time_between_resolutions_ms": 1_000,
  "grpc.max_send_message_length": -1,
  "grpc.service_config_disable_resolution": 1,
} as const;

/** Options of grpc-js that no config changes: it would read the environment in its own way. */
const FIXED_OPTIONS = { "grpc.enable_http_proxy": 0 } as const;

/** Options that may be ignored: we always behave as they ask. */
const NO_OP = new Set(["grpc.lb_policy_name", "grpc.http2.max_pings_without_data"]);

/** Options that grpc-js supports, or that choose the way (see grpc_proxy.ts). */
const SUPPORTED = new Set([
  "grpc.ssl_target_name_override",
  "grpc.primary_user_agent",
  "grpc.secondary_user_agent",
  "grpc.default_authority",
  "grpc.keepalive_time_ms",
  "grpc.keepalive_timeout_ms",
  "grpc.keepalive_permit_without_calls",
  "grpc.service_config",
  "grpc.max_concurrent_streams",
  "grpc.initial_reconnect_backoff_ms",
  "grpc.max_reconnect_backoff_ms",
  "grpc.max_send_message_length",
  "grpc.max_receive_message_length",
  "grpc.enable_http_proxy",
  "grpc.http_proxy",
  "grpc.dns_min_time_between_resolutions_ms",
  "grpc.enable_retries",
  "grpc.client_idle_timeout_ms",
]);

/** The options of a channel: the user's over the defaults. Unknown names have no effect. */
export function channelOptions(user: ChannelOptions): ChannelOptions {
  return { ...OWN_OPTIONS, ...DEFAULT_OPTIONS, ...user, ...FIXED_OPTIONS };
}

/** Names of `user` that have no effect, for a warning. */
export function unknownOptions(user: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(user).filter((name) => !NO_OP.has(name) && !SUPPORTED.has(name));
}

/**
 * The largest message that `options` lets us receive, in bytes; 4 MiB by default, as in gRPC core.
 * A negative number means no limit, but the memory of calls is bounded all the same.
 */
export function maxMessageOf(options: ChannelOptions): number {
  const max = options["grpc.max_receive_message_length"];
  if (typeof max !== "number") return DEFAULT_MAX_MESSAGE;
  return max < 0 ? Infinity : max;
}

/** `tls` with the name that `options` expect in the peer's certificate. */
export function withServerName(tls: TlsOptions, options: ChannelOptions): TlsOptions {
  const name = options["grpc.ssl_target_name_override"];
  return name === undefined ? tls : { ...tls, serverName: String(name) };
}
