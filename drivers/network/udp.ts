/** A UDP port that clients reach through the exporter. @module */
import { createSocket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { type CallContext, defineDriver, type DriverLog } from "../../src/driver/mod.ts";
import { addressCall, type HostPort, hostPort, hostPortSchema, resolvedUrl } from "./address.ts";
import { connectionError, guard, settle, streamKeeper } from "./connect.ts";
import { DatagramStream } from "./datagram.ts";

/** One connected socket a stream; datagrams keep their boundaries. */
export const udpNetwork = defineDriver({
  type: "jumpstarter_driver_network.driver.UdpNetwork",
  client: "jumpstarter_driver_network.client.NetworkClient",
  config: hostPortSchema,
  open({ config, log, scope }) {
    const keep = streamKeeper(scope);
    return {
      calls: { address: addressCall(config, () => resolvedUrl("udp", config)) },
      bytes: {
        connect: async (call) => keep(await connectDatagrams(config, log, call)),
      },
    };
  },
});

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
    return stream;
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
