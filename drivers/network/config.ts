/** The configs of this family. @module */
import { z } from "../../src/driver/mod.ts";

/** A TCP or UDP port; a quoted number is accepted, too, as in the official drivers. */
export const port = z.preprocess(
  (value) => typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value,
  z.int().min(1).max(65_535),
);

/** The config of a driver that connects to a port of a host. */
export const hostPort = z.strictObject({
  host: z.string().min(1),
  port,
  enable_address: z.boolean().default(true),
});

/** @see hostPort */
export type HostPort = z.output<typeof hostPort>;

/** The config of a driver that connects to a Unix socket. */
export const unix = z.strictObject({ path: z.string().min(1) });

/** @see unix */
export type Unix = z.output<typeof unix>;

/** The config of a driver that connects to a bus. */
export const dbus = z.strictObject({ kind: z.enum(["system", "session"]) });

/** @see dbus */
export type Dbus = z.output<typeof dbus>;

/** The config of a driver that connects to a WebSocket server. */
export const websocket = z.strictObject({
  url: z.url({
    protocol: /^wss?$/,
    error: ({ input }) => `expected a ws:// or wss:// URL, found ${JSON.stringify(input)}`,
  }),
  enable_address: z.boolean().default(true),
});

/** @see websocket */
export type Websocket = z.output<typeof websocket>;
