/** Drivers that connect clients to endpoints that the exporter's host can reach. @module */
import { declareDriver, type MethodTexts, z } from "../../src/driver/mod.ts";
import { dbus, hostPort, unix, websocket } from "./config.ts";

const client = "jumpstarter_driver_network.client.NetworkClient";

/** What the drivers do that cannot tell an address. */
const connect: MethodTexts = {
  bytes: { "connect()": "opens a connection for this stream" },
};

/** What the others do. */
const connectOrTell: MethodTexts = {
  calls: { "address()": "returns the address, for a connection without the exporter" },
  ...connect,
};

/** Opens a TCP connection for each stream; the end of either direction is a FIN. */
export const tcpNetwork = declareDriver({
  type: "jumpstarter_driver_network.driver.TcpNetwork",
  client,
  summary: "a TCP port that the host can reach",
  config: hostPort,
  methods: connectOrTell,
  load: () => import("./tcp.ts"),
});

/** Opens a connected UDP socket for each stream; datagrams keep their boundaries. */
export const udpNetwork = declareDriver({
  type: "jumpstarter_driver_network.driver.UdpNetwork",
  client,
  summary: "a UDP port that the host can reach",
  config: hostPort,
  methods: connectOrTell,
  load: () => import("./udp.ts"),
});

/** Opens a connection to a Unix socket for each stream. */
export const unixNetwork = declareDriver({
  type: "jumpstarter_driver_network.driver.UnixNetwork",
  client,
  summary: "a Unix socket of the host",
  config: unix,
  methods: connect,
  load: () => import("./unix.ts"),
});

/** Opens a connection to the bus for each stream; the client itself speaks D-Bus. */
export const dbusNetwork = declareDriver({
  type: "jumpstarter_driver_network.driver.DbusNetwork",
  client: "jumpstarter_driver_network.client.DbusNetworkClient",
  summary: "the host's system or session D-Bus",
  config: dbus,
  methods: connect,
  labels: ({ kind }) => ({ "jumpstarter.dev/dbusnetwork/kind": kind }),
  load: () => import("./dbus.ts"),
});

/** Echoes every chunk unchanged, and the end of the stream. */
export const echoNetwork = declareDriver({
  type: "jumpstarter_driver_network.driver.EchoNetwork",
  client,
  summary: "an echo, for trials and tests",
  config: z.object({}),
  methods: connect,
  load: () => import("./echo.ts"),
});

/** Opens a WebSocket for each stream, `ws:` or `wss:`. */
export const websocketNetwork = declareDriver({
  type: "jumpstarter_driver_network.driver.WebsocketNetwork",
  client,
  summary: "a WebSocket server that the host can reach",
  config: websocket,
  methods: connectOrTell,
  load: () => import("./websocket.ts"),
});
