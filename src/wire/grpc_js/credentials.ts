/** TLS credentials for grpc-js. @module */
import { type ChannelCredentials, credentials } from "@grpc/grpc-js";
import { Buffer } from "node:buffer";
import { isIP } from "node:net";
import { withDeadline } from "../../base/deadline.ts";
import { formatEndpoint } from "../net/endpoint.ts";
import { type TlsOptions, trustedRoots } from "../net/trusted_roots.ts";
import type { Hop } from "../proxy/failure.ts";
import { requestTunnel } from "../proxy/tunnel.ts";
import "./http2_guard.ts";

/** Plenty for a few round trips; grpc-js would wait for ever. */
const HANDSHAKE_MS = 10_000;

/** How a channel is secured, beside its TLS. */
export interface CredentialOptions {
  /** The channel's address is the proxy's, and the peer is its target. */
  readonly hop?: Hop | undefined;
  /** Longest handshake in milliseconds; it is then tried again. @default 10_000 */
  readonly handshakeMs?: number;
}

/** TLS credentials for `tls`; the peer's name is checked unless it is insecure. */
export function channelCredentials(
  tls: TlsOptions,
  { hop, handshakeMs = HANDSHAKE_MS }: CredentialOptions = {},
): ChannelCredentials {
  const roots = tls.insecure ? undefined : trustedRoots(tls);
  const verify = tls.insecure ? { rejectUnauthorized: false } : {};
  const made = credentials.createSsl(roots ? Buffer.from(roots) : null, null, null, verify);
  const create = made._createSecureConnector;
  made._createSecureConnector = (address, ...options) => {
    const peer = hop ? { scheme: "dns", path: formatEndpoint(hop.target) } : address;
    const connector = create.call(made, peer, ...options);
    dropIpServername(connector);
    boundHandshake(connector, handshakeMs);
    if (hop) tunnelFirst(connector, hop);
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

/** grpc-js has its own code for proxies, which neither bounds nor names what goes wrong. */
function tunnelFirst(connector: SecureConnector, hop: Hop): void {
  const connect = connector.connect.bind(connector);
  connector.connect = async (socket) => {
    await requestTunnel(socket, hop);
    return await connect(socket);
  };
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
