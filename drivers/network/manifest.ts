/** Drivers that connect clients to what the exporter's host can reach. @module */
import { declareDriver, z } from "../../src/driver/mod.ts";
import { dbus, hostPort, unix, websocket } from "./config.ts";

const client = "jumpstarter_driver_network.client.NetworkClient";

/** One TCP connection a stream; an end in either direction is passed on as FIN. */
export const tcpNetwork = declareDriver({
  type: "jumpstarter_driver_network.driver.TcpNetwork",
  client,
  config: hostPort,
  load: () => import("./tcp.ts"),
});

/** One connected UDP socket a stream; datagrams keep their boundaries. */
export const udpNetwork = declareDriver({
  type: "jumpstarter_driver_network.driver.UdpNetwork",
  client,
  config: hostPort,
  load: () => import("./udp.ts"),
});

/** One connection to a Unix socket a stream. */
export const unixNetwork = declareDriver({
  type: "jumpstarter_driver_network.driver.UnixNetwork",
  client,
  config: unix,
  load: () => import("./unix.ts"),
});

/** One connection to the bus a stream; its client speaks D-Bus by itself. */
export const dbusNetwork = declareDriver({
  type: "jumpstarter_driver_network.driver.DbusNetwork",
  client: "jumpstarter_driver_network.client.DbusNetworkClient",
  config: dbus,
  labels: ({ kind }) => ({ "jumpstarter.dev/dbusnetwork/kind": kind }),
  load: () => import("./dbus.ts"),
});

/** Sends every chunk back as it came, and the end as an end. */
export const echoNetwork = declareDriver({
  type: "jumpstarter_driver_network.driver.EchoNetwork",
  client,
  config: z.strictObject({}),
  load: () => import("./echo.ts"),
});

/** One WebSocket a stream, `ws:` or `wss:`. */
export const websocketNetwork = declareDriver({
  type: "jumpstarter_driver_network.driver.WebsocketNetwork",
  client,
  config: websocket,
  load: () => import("./websocket.ts"),
});
