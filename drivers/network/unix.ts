/** A unix socket that clients reach through the exporter. @module */
import type { Methods, OpenContext } from "../../src/driver/mod.ts";
import type { Unix } from "./config.ts";
import { connectSocket, streamKeeper } from "./connect.ts";

/** Opens a connection for each stream. Like the official driver, it has no `address`. */
export function open({ config: { path }, log, scope }: OpenContext<Unix>): Methods {
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
}
