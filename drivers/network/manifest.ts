/** Drivers that connect clients to endpoints that the exporter's host can reach. @module */
import { declareDriver, z } from "../../src/driver/mod.ts";
import { dbus, hostPort, unix, websocket } from "./config.ts";

const client = "jumpstarter_driver_network.client.NetworkClient";

/** Opens a TCP connection for each stream; the end of either direction is a FIN. */
export const tcpNetwork = declareDriver({
  type: "jumpstarter_driver_network.driver.TcpNetwork",
  client,
  config: hostPort,
  load: () => import("./tcp.ts"),
});

/** Opens a connected UDP socket for each stream; datagrams keep their boundaries. */
export const udpNetwork = declareDriver({
  type: "jumpstarter_driver_network.driver.UdpNetwork",
  client,
  config: hostPort,
  load: () => import("./udp.ts"),
});

/** Opens a connection to a Unix socket for each stream. */
export const unixNetwork = declareDriver({
  type: "jumpstarter_driver_network.driver.UnixNetwork",
  client,
  config: unix,
  load: () => import("./unix.ts"),
});

/** Opens a connection to the bus for each stream; the client itself speaks D-Bus. */
export const dbusNetwork = declareDriver({
  type: "jumpstarter_driver_network.driver.DbusNetwork",
  client: "jumpstarter_driver_network.client.DbusNetworkClient",
  config: dbus,
  labels: ({ kind }) => ({ "jumpstarter.dev/dbusnetwork/kind": kind }),
  load: () => import("./dbus.ts"),
});

/** Echoes every chunk unchanged, and the end of the stream. */
export const echoNetwork = declareDriver({
  type: "jumpstarter_driver_network.driver.EchoNetwork",
  client,
  config: z.strictObject({}),
  load: () => import("./echo.ts"),
});

/** Opens a WebSocket for each stream, `ws:` or `wss:`. */
export const websocketNetwork = declareDriver({
  type: "jumpstarter_driver_network.driver.WebsocketNetwork",
  client,
  config: websocket,
  load: () => import("./websocket.ts"),
});
