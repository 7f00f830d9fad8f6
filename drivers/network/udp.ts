/** A UDP port that clients reach through the exporter. @module */
import { createSocket } from "node:dgram";
import { lookup } from "node:dns/promises";
import type { CallContext, DriverLog, Methods, OpenContext } from "../../src/driver/mod.ts";
import { addressCall, hostPort, resolvedUrl } from "./address.ts";
import type { HostPort } from "./config.ts";
import { guard, nameLosses, settle, streamKeeper } from "./connect.ts";
import { connectionError } from "./connection_error.ts";
import { DatagramStream } from "./datagram.ts";

/** Opens a connected socket for each stream. */
export function open({ config, log, scope }: OpenContext<HostPort>): Methods {
  const keep = streamKeeper(scope);
  return {
    calls: { address: addressCall(config, () => resolvedUrl("udp", config)) },
    bytes: {
      connect: async (call) => keep(await connectDatagrams(config, log, call)),
    },
  };
}

async function connectDatagrams(
  { host, port }: HostPort,
  log: DriverLog,
  { signal }: CallContext,
): Promise<DatagramStream> {
  const where = `udp ${hostPort(host, port)}`;
  const { address, family } = await resolve(host, where);
  signal.throwIfAborted();
  const stream = new DatagramStream(createSocket(family === 6 ? "udp6" : "udp4"), {
    address,
    port,
    log,
  });
  guard(stream);
  try {
    await settle({ where, signal }, (resolve, reject) => {
      stream.once("error", reject);
      stream.connect(resolve);
    });
    return nameLosses(stream, where);
  } catch (error) {
    stream.destroy();
    throw error;
  }
}

async function resolve(host: string, where: string): Promise<{ address: string; family: number }> {
  try {
    return await lookup(host, { order: "verbatim" });
  } catch (error) {
    throw connectionError(where, error);
  }
}
