/** The system's or the session's D-Bus that clients reach through the exporter. @module */
import { InvalidArgument, type Methods, type OpenContext } from "../../src/driver/mod.ts";
import { cut } from "../../src/text/cut.ts";
import { hostPort } from "./address.ts";
import { type Dbus, port as portOf } from "./config.ts";
import { connectSocket, type SocketAddress, streamKeeper } from "./connect.ts";

/** The environment variable with the address of each bus, and the default path. */
const BUSES = {
  system: { variable: "DBUS_SYSTEM_BUS_ADDRESS", path: () => "/run/dbus/system_bus_socket" },
  session: { variable: "DBUS_SESSION_BUS_ADDRESS", path: () => `/run/user/${Deno.uid()}/bus` },
};

/** Opens a connection to the bus for each stream. */
export function open({ config: { kind }, log, scope }: OpenContext<Dbus>): Methods {
  const { variable, path } = BUSES[kind];
  const address = Deno.env.get(variable) ?? `unix:path=${path()}`;
  const { options, where } = parseBusAddress(address, variable);
  const keep = streamKeeper(scope);
  return {
    bytes: {
      async connect({ signal }) {
        log.debug(`connecting to ${where}`);
        return keep(await connectSocket(options, { where, signal }));
      },
    },
  };
}

/** The address of a bus, and its name in messages. */
export interface BusEndpoint {
  readonly options: SocketAddress;
  readonly where: string;
}

/**
 * Parses an address (D-Bus specification, "Server Addresses"): `unix:path=…` or
 * `tcp:host=…,port=…`, further keys allowed.
 *
 * @throws {InvalidArgument} naming `source`, if the address has another form.
 */
export function parseBusAddress(address: string, source: string): BusEndpoint {
  const [scheme, rest = ""] = address.split(/:(.*)/s);
  const keys = new URLSearchParams(
    rest.replace(/[&+]/g, (char) => encodeURIComponent(char)).replaceAll(",", "&"),
  );
  const path = keys.get("path");
  if (scheme === "unix" && path) return { options: { path }, where: `D-Bus unix ${path}` };
  const host = keys.get("host");
  const port = portOf.safeParse(keys.get("port"));
  if (scheme === "tcp" && host && port.success) {
    const where = `D-Bus tcp ${hostPort(host, port.data)}`;
    return { options: { host, port: port.data }, where };
  }
  throw new InvalidArgument(
    `Cannot use the bus address of ${source}: expected unix:path=… or tcp:host=…,port=…, ` +
      `found ${JSON.stringify(cut(address, 200))}; correct the variable`,
  );
}
