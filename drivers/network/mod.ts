/** Drivers that connect clients to what the exporter's host can reach. @module */
import type { DriverFactory } from "../../src/driver/mod.ts";
import { dbusNetwork } from "./dbus.ts";
import { echoNetwork } from "./echo.ts";
import { tcpNetwork } from "./tcp.ts";
import { udpNetwork } from "./udp.ts";
import { unixNetwork } from "./unix.ts";
import { websocketNetwork } from "./websocket.ts";

/** All of this family. */
export const networkFactories: readonly DriverFactory[] = [
  tcpNetwork,
  udpNetwork,
  unixNetwork,
  dbusNetwork,
  echoNetwork,
  websocketNetwork,
];
