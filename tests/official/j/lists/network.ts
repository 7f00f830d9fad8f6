/** Networks: addresses, and forwarded ports. @module */
import type { Case, Family, Step } from "../cases.ts";
import { because, ERROR_WORDS, UNSTOPPABLE, USAGE, WORDS } from "../reasons.ts";

const HOST = "127.0.0.1";
const PORTS = [/(?<=127\.0\.0\.1:|\[::1\]:)\d+/g];

function network(kind: string, config: Record<string, unknown> = {}) {
  return { type: `jumpstarter_driver_network.driver.${kind}Network`, config };
}

/** Sends lines through a forwarded port, and then presses Ctrl-C. */
const overTcp: Step = {
  after: /^(?:127\.0\.0\.1|\[::1\]):(\d+)\n/,
  async talk([address, port]) {
    const hostname = address.startsWith("[") ? "::1" : HOST;
    const connect = () => Deno.connect({ hostname, port: Number(port) });
    return `${await echoed(connect)} ${await echoed(connect)}`;
  },
  signal: "SIGINT",
};

const overUnix: Step = {
  after: /^(\S+)\n/,
  async talk([, path], cwd) {
    const absolute = path!.startsWith("/") ? path! : `${cwd}/${path}`;
    return await echoed(() => Deno.connect({ transport: "unix", path: absolute }));
  },
  signal: "SIGINT",
};

/** What comes back of a greeting. */
async function echoed(connect: () => Promise<Deno.Conn>): Promise<string> {
  using connection = await connect();
  await connection.write(new TextEncoder().encode("hello"));
  const buffer = new Uint8Array(100);
  let text = "";
  while (text.length < "hello".length) {
    const count = await connection.read(buffer);
    if (count === null) return `${text}, then the end`;
    text += new TextDecoder().decode(buffer.subarray(0, count));
  }
  return text;
}

/** A forward that a greeting passes through, until Ctrl-C. */
function forwardTcp(driver: string, ...args: readonly string[]): Case {
  return {
    args: [driver, "forward-tcp", ...args],
    steps: [overTcp],
    masks: PORTS,
    graceMs: 1000,
    differs: UNSTOPPABLE,
  };
}

const WHY_ENDED = because(
  "the reason of a connection that ends is told",
  /^(stream copy interrupted .*\n){4}SIGINT pressed, terminating\n$/,
  /^(A connection ended: .*(refused|All connection attempts failed).*\n){2}$/,
);
const REMOVED = because(
  "the socket is removed at the end",
  /^hello\nhere.sock: ""\n$/,
  /^hello\n$/,
);

/** `NetworkClient` and `DbusNetworkClient` */
export const networks: Family = {
  title: "networks",
  drivers: ({ devices }) => ({
    tcp: network("Tcp", { host: HOST, port: devices.tcp }),
    hidden: network("Tcp", { host: HOST, port: devices.tcp, enable_address: false }),
    six: network("Tcp", { host: "::1", port: 8080 }),
    refused: network("Tcp", { host: HOST, port: 1 }),
    udp: network("Udp", { host: HOST, port: devices.udp }),
    unix: network("Unix", { path: devices.unix }),
    websocket: network("Websocket", { url: `ws://${HOST}:${devices.websocket}` }),
    echo: network("Echo"),
    dbus: network("Dbus", { kind: "system" }),
  }),
  commands: {
    "--help": [
      { args: ["tcp", "--help"], differs: { stdout: WORDS } },
      { args: ["dbus", "--help"], differs: { stdout: WORDS } },
      { args: ["tcp", "address", "--help"], differs: { stdout: WORDS } },
      { args: ["tcp", "forward-tcp", "--help"], differs: { stdout: WORDS } },
      { args: ["tcp", "forward-unix", "--help"], differs: { stdout: WORDS } },
    ],
    address: [
      { args: ["tcp", "address"], masks: PORTS },
      { args: ["tcp", "address", "--host"], masks: PORTS },
      { args: ["tcp", "address", "--port"], masks: [/^\d+$/gm] },
      { args: ["tcp", "address", "--host", "--port"], masks: PORTS },
      { args: ["six", "address"] },
      { args: ["six", "address", "--host"] },
      { args: ["six", "address", "--port"] },
      { args: ["udp", "address"], masks: PORTS },
      { args: ["hidden", "address"], differs: { stderr: ERROR_WORDS } },
      { args: ["unix", "address"], differs: { stderr: ERROR_WORDS } },
      { args: ["websocket", "address"], masks: PORTS },
      { args: ["echo", "address"], differs: { stderr: ERROR_WORDS } },
      { args: ["dbus", "address"], differs: { stderr: ERROR_WORDS } },
    ],
    "forward-tcp": [
      ...["tcp", "echo", "udp", "unix", "websocket"].map((driver) => forwardTcp(driver, "0")),
      { ...forwardTcp("refused", "0"), differs: { ...UNSTOPPABLE, stderr: WHY_ENDED } },
      forwardTcp("tcp", "--address", "::1", "0"),
      { args: ["tcp", "forward-tcp"] },
      { args: ["tcp", "forward-tcp", "ssh"] },
      { args: ["tcp", "forward-tcp", "0", "1"] },
      { args: ["tcp", "forward-tcp", "--address"], differs: { stderr: USAGE } },
      {
        args: ["tcp", "forward-tcp", "--address", "192.0.2.1", "0"],
        differs: { stderr: ERROR_WORDS },
      },
    ],
    "forward-unix": [
      {
        args: ["tcp", "forward-unix", "here.sock"],
        steps: [overUnix],
        graceMs: 1000,
        differs: { ...UNSTOPPABLE, effects: REMOVED },
      },
      {
        args: ["echo", "forward-unix"],
        steps: [overUnix],
        masks: [/^\/.*$/gm],
        graceMs: 1000,
        differs: UNSTOPPABLE,
      },
      { args: ["tcp", "forward-unix", "a", "b"] },
      { args: ["tcp", "forward-unix", "no/such/folder"], differs: { stderr: ERROR_WORDS } },
    ],
  },
};
