/** Kinds of streams, and the ways in which each of them can end. @module */
import type { Socket } from "node:net";
import { WebSocketServer } from "ws";
import { deadPort, serve as listen } from "../../drivers/network/testing.ts";
import {
  dbusNetwork,
  tcpNetwork,
  unixNetwork,
  websocketNetwork,
} from "../../drivers/network/manifest.ts";
import { pyserial } from "../../drivers/pyserial/manifest.ts";
import { openPty, rawOpen } from "../../drivers/pyserial/testing.ts";
import { closeNow, lock } from "../../src/libc/descriptors.ts";
import type { DriverManifest } from "../../src/driver/manifest.ts";

/** The other end of a driver. */
export interface Device extends AsyncDisposable {
  readonly config: Record<string, unknown>;
  /** Breaks the connection in the middle. */
  fault?(): PromiseLike<unknown> | void;
}

/** A way in which a stream ends. */
export interface Way {
  readonly kind: string;
  readonly way: string;
  readonly manifest: DriverManifest;
  device(dir: string): Promise<Device>;
  /** What one warning says; undefined if there is none. */
  readonly told: RegExp | undefined;
}

const NO_END = { [Symbol.asyncDispose]: () => Promise.resolve() };
const absent = (config: Record<string, unknown>) => () => Promise.resolve({ config, ...NO_END });

/** A server on a port whose connections are ended by `end`. */
function server(config: (port: number) => Record<string, unknown>, end: (socket: Socket) => void) {
  return async (): Promise<Device> => {
    const sockets: Socket[] = [];
    const listening = await listen((socket) => void sockets.push(socket.on("error", () => {})));
    return {
      config: config(listening.port),
      fault: () => sockets.forEach(end),
      [Symbol.asyncDispose]: () => listening[Symbol.asyncDispose](),
    };
  };
}

async function refused(config: (port: number) => Record<string, unknown>): Promise<Device> {
  return { config: config(await deadPort()), ...NO_END };
}

const tcp = (port: number) => ({ host: "127.0.0.1", port });
const socketUrl = (port: number) => ({ url: `socket://127.0.0.1:${port}` });
const rfc2217Url = (port: number) => ({ url: `rfc2217://127.0.0.1:${port}` });
const wsUrl = (port: number) => ({ url: `ws://127.0.0.1:${port}/` });
const fin = (socket: Socket) => void socket.end();
const rst = (socket: Socket) => void socket.resetAndDestroy();

/** A pty, with something done to its path before a client comes. */
async function pty(prepare: (path: string) => Disposable | void = () => {}): Promise<Device> {
  const device = await openPty();
  const prepared = prepare(device.path);
  return {
    config: { url: device.path },
    fault: () => device[Symbol.asyncDispose](),
    async [Symbol.asyncDispose]() {
      prepared?.[Symbol.dispose]();
      await device[Symbol.asyncDispose]();
    },
  };
}

/** A WebSocket server whose connections are ended by `end`. */
function webSockets(end: (socket: import("ws").WebSocket) => void) {
  return (): Promise<Device> => {
    const { promise, resolve } = Promise.withResolvers<Device>();
    const listening = new WebSocketServer({ host: "127.0.0.1", port: 0 }, () => {
      const { port } = listening.address() as { port: number };
      resolve({
        config: wsUrl(port),
        fault: () => listening.clients.forEach(end),
        [Symbol.asyncDispose]: () => {
          listening.clients.forEach((client) => client.terminate());
          return new Promise<void>((closed) => listening.close(() => closed()));
        },
      });
    });
    return promise;
  };
}

function unix(end?: (socket: Socket) => void) {
  return async (dir: string): Promise<Device> => {
    const path = `${dir}/device`;
    if (!end) return { config: { path }, ...NO_END };
    const sockets: Socket[] = [];
    const listening = await listen((socket) => void sockets.push(socket), path);
    return {
      config: { path },
      fault: () => sockets.forEach(end),
      [Symbol.asyncDispose]: () => listening[Symbol.asyncDispose](),
    };
  };
}

/** A bus at a path without a socket. */
function noBus(dir: string): Promise<Device> {
  const variable = "DBUS_SESSION_BUS_ADDRESS";
  const former = Deno.env.get(variable);
  Deno.env.set(variable, `unix:path=${dir}/bus`);
  return Promise.resolve({
    config: { kind: "session" },
    [Symbol.asyncDispose]: () => {
      if (former === undefined) Deno.env.delete(variable);
      else Deno.env.set(variable, former);
      return Promise.resolve();
    },
  });
}

const GONE = "/dev/serial/by-id/usb-gone";
const NO_HOST = "no-such-host.invalid";

function of(kind: string, manifest: DriverManifest) {
  return (way: string, device: Way["device"], told?: RegExp): Way => {
    return { kind, way, manifest, device, told };
  };
}

const tty = of("serial", pyserial);
const raw = of("socket://", pyserial);
const rfc2217 = of("rfc2217://", pyserial);
const net = of("TCP", tcpNetwork);
const local = of("Unix", unixNetwork);
const ws = of("WebSocket", websocketNetwork);

/** Each kind in each way. */
export const WAYS: readonly Way[] = [
  tty(
    "missing",
    absent({ url: GONE }),
    /Cannot open .*usb-gone: expected a serial device, found nothing .*\(ENOENT\); plug it in/,
  ),
  tty(
    "not a terminal",
    absent({ url: "/dev/null" }),
    /Cannot open \/dev\/null: .*found something else/,
  ),
  tty(
    "no match",
    absent({ url: "hwgrep://no-such-adapter" }),
    /no-such-adapter/,
  ),
  tty(
    "busy",
    () =>
      pty((path) => {
        const fd = rawOpen(path);
        lock(fd);
        return { [Symbol.dispose]: () => closeNow(fd) };
      }),
    /Cannot open \/dev\/pts\/\d+: expected exclusive access, .*; (close|stop|find) /,
  ),
  tty("unplugged", () => pty(), /\/dev\/pts\/\d+ hung up or was unplugged/),
  raw("refused", () => refused(socketUrl), /Cannot connect to socket:\/\/127.0.0.1:\d+: .*REFUSED/),
  raw(
    "no such host",
    absent({ url: `socket://${NO_HOST}:1` }),
    /Cannot connect to socket:\/\/no-such-host/,
  ),
  raw(
    "closed",
    server(socketUrl, fin),
    /Lost the line: socket:\/\/127.0.0.1:\d+ closed the connection/,
  ),
  raw(
    "reset",
    server(socketUrl, rst),
    /Lost the connection to socket:\/\/127.0.0.1:\d+: .*ECONNRESET/,
  ),
  rfc2217("refused", () => refused(rfc2217Url), /Cannot connect to rfc2217:\/\/.*REFUSED/),
  rfc2217(
    "closed during the setup",
    async () => {
      const listening = await listen((socket) => void socket.end());
      return { config: rfc2217Url(listening.port), ...dispose(listening) };
    },
    /Lost the connection to rfc2217:\/\/.*closed while the line was set up/,
  ),
  net("refused", () => refused(tcp), /Cannot connect to tcp 127.0.0.1:\d+: .*\(ECONNREFUSED\)/),
  net(
    "no such host",
    absent({ host: NO_HOST, port: 1 }),
    /Cannot connect to tcp no-such-host.*the host name cannot be resolved/,
  ),
  net(
    "reset",
    server(tcp, rst),
    /Lost the connection to tcp 127.0.0.1:\d+: the other end reset it.*\(ECONNRESET\); connect/,
  ),
  net("closed", server(tcp, fin)),
  local("missing", unix(), /Cannot connect to unix .*found nothing \(ENOENT\); start the server/),
  local("closed", unix(fin)),
  ws("refused", () => refused(wsUrl), /Cannot connect to ws:\/\/127.0.0.1:\d+\/: .*REFUSED/),
  ws(
    "cut",
    webSockets((socket) => socket.terminate()),
    /Lost the connection to ws:.*without a close frame/,
  ),
  ws(
    "failed",
    webSockets((socket) => socket.close(1011, "out of paper")),
    /Lost the connection to ws:.*closed it with code 1011: out of paper/,
  ),
  ws("closed", webSockets((socket) => socket.close(1000))),
  of("D-Bus", dbusNetwork)(
    "missing",
    noBus,
    /Cannot connect to D-Bus unix .*found nothing/,
  ),
];

function dispose(stack: AsyncDisposable): AsyncDisposable {
  return { [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose]() };
}
