/** The configs of this family. @module */
import { laxBoolean, laxInteger, z } from "../../src/driver/mod.ts";

/** A TCP or UDP port. */
export const port = laxInteger(z.int().min(1).max(65_535));

const enable_address = laxBoolean.default(true)
  .describe("whether clients may ask for the address, to connect without the exporter");

/** The config of a driver that connects to a port of a host. */
export const hostPort = z.strictObject({
  host: z.string().min(1).describe("name or IP address of the host")
    .meta({ examples: ["192.168.1.20"] }),
  port: port.describe("number of the port").meta({ examples: [22] }),
  enable_address,
});

/** @see hostPort */
export type HostPort = z.output<typeof hostPort>;

/** The config of a driver that connects to a Unix socket. */
export const unix = z.strictObject({
  path: z.string().min(1).describe("path of the socket")
    .meta({ examples: ["/run/qemu/monitor.sock"] }),
});

/** @see unix */
export type Unix = z.output<typeof unix>;

/** The config of a driver that connects to a bus. */
export const dbus = z.strictObject({
  kind: z.enum(["system", "session"]).describe("which bus"),
});

/** @see dbus */
export type Dbus = z.output<typeof dbus>;

/** The config of a driver that connects to a WebSocket server. */
export const websocket = z.strictObject({
  url: z.url({
    protocol: /^wss?$/,
    error: ({ input }) => `expected a ws:// or wss:// URL, found ${JSON.stringify(input)}`,
  }).describe("ws:// or wss:// address of the server")
    .meta({ examples: ["wss://bmc.example.com/console"] }),
  enable_address,
});

/** @see websocket */
export type Websocket = z.output<typeof websocket>;
