/** TLS credentials for grpc-js. @module */
import { type ChannelCredentials, credentials } from "@grpc/grpc-js";
import { Buffer } from "node:buffer";
import { isIP } from "node:net";
import { withDeadline } from "../../base/deadline.ts";
import { type TlsOptions, trustedRoots } from "../net/trusted_roots.ts";
import "./http2_guard.ts";

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
