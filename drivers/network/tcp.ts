/** A TCP port that clients reach through the exporter. @module */
import { defineDriver } from "../../src/driver/mod.ts";
import { addressCall, hostPort, hostPortSchema, resolvedUrl } from "./address.ts";
import { connectSocket, streamKeeper } from "./connect.ts";

/** One TCP connection a stream; an end in either direction is passed on as FIN. */
export const tcpNetwork = defineDriver({
  type: "jumpstarter_driver_network.driver.TcpNetwork",
  client: "jumpstarter_driver_network.client.NetworkClient",
  config: hostPortSchema,
  open({ config, log, scope }) {
    const { host, port } = config;
    const where = `tcp ${hostPort(host, port)}`;
    const keep = streamKeeper(scope);
    return {
      calls: { address: addressCall(config, () => resolvedUrl("tcp", config)) },
      bytes: {
        async connect({ signal }) {
          log.debug(`connecting to ${where}`);
          return keep(await connectSocket({ host, port }, { where, signal }));
        },
      },
    };
  },
});
