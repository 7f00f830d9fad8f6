/** A unix socket that clients reach through the exporter. @module */
import { defineDriver, z } from "../../src/driver/mod.ts";
import { connectSocket, streamKeeper } from "./connect.ts";

/** One connection a stream. Like the official one it has no `address`. */
export const unixNetwork = defineDriver({
  type: "jumpstarter_driver_network.driver.UnixNetwork",
  client: "jumpstarter_driver_network.client.NetworkClient",
  config: z.strictObject({ path: z.string().min(1) }),
  open({ config: { path }, log, scope }) {
    const where = `unix ${path}`;
    const keep = streamKeeper(scope);
    return {
      bytes: {
        async connect({ signal }) {
          log.debug(`connecting to ${where}`);
          return keep(await connectSocket({ path }, { where, signal }));
        },
      },
    };
  },
});
