/** A TCP port that clients reach through the exporter. @module */
import type { Methods, OpenContext } from "../../src/driver/mod.ts";
import { addressCall, hostPort, resolvedUrl } from "./address.ts";
import type { HostPort } from "./config.ts";
import { connectSocket, streamKeeper } from "./connect.ts";

/** Opens a connection for each stream. */
export function open({ config, log, scope }: OpenContext<HostPort>): Methods {
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
}
