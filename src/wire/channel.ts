/** Channels to the controller and to routers: TLS, credentials, options. @module */
import { type ChannelCredentials, type ChannelOptions, credentials } from "@grpc/grpc-js";
import { Buffer } from "node:buffer";
import { isIP } from "node:net";
import { withDeadline } from "../base/deadline.ts";
import "./http2_guard.ts";
import { type TlsOptions, trustedRoots } from "./trust.ts";

/** What official exporters set when `grpcOptions:` does not; the names are those of gRPC core. */
const DEFAULT_OPTIONS = {
  "grpc.keepalive_time_ms": 20_000,
  "grpc.keepalive_timeout_ms": 180_000,
  "grpc.keepalive_permit_without_calls": 1,
} as const;

/** Ours: a controller that was away is asked again soon. Messages may be as long as by gRPC core's defaults. */
const OWN_OPTIONS = {
  "grpc.initial_reconnect_backoff_ms": 500,
  "grpc.max_reconnect_backoff_ms": 5_000,
  "grpc.max_send_message_length": -1,
  "grpc.service_config_disable_resolution": 1,
  // grpc-js would go through http_proxy, which official exporters do not.
  "grpc.enable_http_proxy": 0,
} as const;

/** Known to gRPC core and harmless to leave out: what they ask for holds here anyway. */
const NO_OP = new Set(["grpc.lb_policy_name", "grpc.http2.max_pings_without_data"]);

/** Options of gRPC core that grpc-js understands as well. */
const UNDERSTOOD = new Set([
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
  "grpc.dns_min_time_between_resolutions_ms",
  "grpc.enable_retries",
  "grpc.client_idle_timeout_ms",
]);

/** The options of a channel: the user's over the defaults. Unknown names have no effect. */
export function channelOptions(user: Readonly<Record<string, string | number>>): ChannelOptions {
  return { ...OWN_OPTIONS, ...DEFAULT_OPTIONS, ...user };
}

/** The names among `user` that will have no effect, for a warning. */
export function unknownOptions(user: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(user).filter((name) => !NO_OP.has(name) && !UNDERSTOOD.has(name));
}

/** Plenty for a few round trips; grpc-js would wait for ever. */
const HANDSHAKE_MS = 10_000;

/**
 * TLS credentials for `tls`; the peer's name is checked unless it is insecure. A
 * handshake that gets no answer fails after `handshakeMs`, and is then tried again.
 */
export function channelCredentials(
  tls: TlsOptions,
  handshakeMs: number = HANDSHAKE_MS,
): ChannelCredentials {
  const roots = tls.insecure ? undefined : trustedRoots(tls);
  const verify = tls.insecure ? { rejectUnauthorized: false } : {};
  const made = credentials.createSsl(roots ? Buffer.from(roots) : null, null, null, verify);
  const create = made._createSecureConnector;
  made._createSecureConnector = (...args) => {
    const connector = create.apply(made, args);
    dropIpServername(connector);
    boundHandshake(connector, handshakeMs);
    return connector;
  };
  return made;
}

type SecureConnector = ReturnType<ChannelCredentials["_createSecureConnector"]>;

/**
 * grpc-js always sends a server name, which TLS forbids for IP literals and which
 * Deno refuses with an error; without it the certificate's IP entries are checked.
 */
function dropIpServername(connector: SecureConnector): void {
  const { connectionOptions } = connector as unknown as {
    connectionOptions: { servername?: string };
  };
  if (isIP(connectionOptions.servername ?? "")) delete connectionOptions.servername;
}

function boundHandshake(connector: SecureConnector, ms: number): void {
  const connect = connector.connect.bind(connector);
  connector.connect = (socket) => {
    const late = () => {
      socket.destroy();
      return new Error(`the TLS handshake got no answer within ${ms / 1000} s`);
    };
    return withDeadline(connect(socket), { ms, late });
  };
}
