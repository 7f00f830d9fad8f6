/** A WebSocket server that clients reach through the exporter. @module */
import { isIP } from "node:net";
import { connect as connectTls, type ConnectionOptions, getCACertificates } from "node:tls";
// @ts-types="@types/ws"
import { type ClientOptions, WebSocket } from "ws";
import type { CallContext, Methods, OpenContext } from "../../src/driver/mod.ts";
import { webSocketCarrier } from "../../src/hardware/http/websocket.ts";
import { addressCall } from "./address.ts";
import type { Websocket } from "./config.ts";
import { connectionError } from "./connection_error.ts";
import { guard, settle, streamKeeper } from "./connect.ts";
import { WebSocketStream } from "./websocket_stream.ts";

/** Opens a connection for each stream. */
export function open({ config, log, scope }: OpenContext<Websocket>): Methods {
  const where = withoutSecrets(config.url);
  const keep = streamKeeper(scope);
  return {
    calls: { address: addressCall(config, () => config.url) },
    bytes: {
      async connect(call) {
        log.info(`connecting to ${where}`);
        return keep(await connectWebSocket(config.url, where, call));
      },
    },
  };
}

async function connectWebSocket(
  url: string,
  where: string,
  { signal }: CallContext,
): Promise<WebSocketStream> {
  signal.throwIfAborted();
  const socket = new WebSocket(url, await optionsFor(url, where, signal));
  const stream = new WebSocketStream(socket, where);
  guard(stream);
  try {
    await settle({ where, signal }, (resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", reject);
    });
    return stream;
  } catch (error) {
    stream.destroy();
    throw error;
  }
}

/** The connection that a proxy has made, if the environment names one; and whom TLS trusts. */
async function optionsFor(
  url: string,
  where: string,
  signal: AbortSignal,
): Promise<ClientOptions> {
  const secure = /^wss:/i.test(url);
  const tls = secure ? { ca: trusted() } : {};
  try {
    const socket = await webSocketCarrier(url, signal);
    if (!socket) return tls;
    const createConnection = (options: ConnectionOptions) => {
      const { host = "" } = options;
      if (secure) {
        return connectTls({ ...options, socket, ...(!isIP(host) && { servername: host }) });
      }
      // It is paused, and HTTP would not resume it.
      return socket.resume();
    };
    return { ...tls, createConnection } as ClientOptions;
  } catch (error) {
    signal.throwIfAborted();
    throw connectionError(where, error);
  }
}

/** Deno alone trusts Mozilla's list; a site's own authorities are in the system's store. */
function trusted(): string[] {
  return [...getCACertificates("default"), ...getCACertificates("system")];
}

/** Removes user, password and query, which often carry tokens, for errors and logs. */
function withoutSecrets(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}
