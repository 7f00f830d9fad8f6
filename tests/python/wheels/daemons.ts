/** Debian's daemons that hosted drivers talk to: in the foreground, on ports of their own. @module */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { ChildProcess } from "../../official/process.ts";
import { freePort } from "../../official/storage.ts";

/** A running daemon on 127.0.0.1; disposing it ends it. */
export interface Daemon extends AsyncDisposable {
  readonly port: number;
}

/** An SNMP agent with one outlet. */
export interface Agent extends Daemon {
  /** The object of the outlet without its number, which is 1: an integer that can be set. */
  readonly oid: string;
  /** A user of SNMPv3 with SHA and AES. */
  readonly user: { readonly name: string; readonly authKey: string; readonly privKey: string };
  /** Path of the file that holds what was last set. */
  readonly outlet: string;
}

/** Below the enterprise numbers that nobody has. */
const OID = "1.3.6.1.4.1.99999.1";
const USER = { name: "lab", authKey: "authentication", privKey: "privacy of it" };

/** Starts snmpd, which runs a script for each command. */
export async function startAgent(dir: string): Promise<Agent> {
  const outlet = `${dir}/outlet`;
  const script = `#!/bin/sh\n[ "$1" = -s ] && echo "$4" > ${outlet}\nexit 0\n`;
  await Deno.writeTextFile(`${dir}/outlet.sh`, script, { mode: 0o755 });
  const lines = [
    `createUser ${USER.name} SHA "${USER.authKey}" AES "${USER.privKey}"`,
    `rwuser ${USER.name} priv`,
    `pass .${OID} ${dir}/outlet.sh`,
  ];
  const port = await freeUdpPort();
  const config = await written(`${dir}/snmpd.conf`, lines);
  const command = ["snmpd", "-f", "-Lo", "-C", "-c", config, "-p", `${dir}/snmpd.pid`];
  const daemon = await start([...command, `udp:127.0.0.1:${port}`], /NET-SNMP version/, {
    SNMP_PERSISTENT_DIR: dir,
  });
  return { ...daemon, port, oid: OID, user: USER, outlet };
}

/** Starts mosquitto, an MQTT broker. */
export async function startBroker(dir: string): Promise<Daemon> {
  const port = freePort();
  const lines = [`listener ${port} 127.0.0.1`, "allow_anonymous true", "persistence false"];
  const config = await written(`${dir}/mosquitto.conf`, lines);
  return { ...await start(["mosquitto", "-c", config], /mosquitto version \S+ running/), port };
}

/** A UDP port on 127.0.0.1 that nothing listens on. */
export async function freeUdpPort(): Promise<number> {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(resolve));
  return port;
}

async function written(path: string, lines: readonly string[]): Promise<string> {
  await Deno.writeTextFile(path, `${lines.join("\n")}\n`);
  return path;
}

async function start(
  command: readonly string[],
  ready: RegExp,
  env: Readonly<Record<string, string>> = {},
): Promise<AsyncDisposable> {
  // Debian keeps daemons where only root's PATH leads.
  const child = new ChildProcess(command, {
    env: { ...env, PATH: `${Deno.env.get("PATH")}:/usr/sbin` },
  });
  try {
    await child.saying(ready, 30_000);
    return { [Symbol.asyncDispose]: () => child[Symbol.asyncDispose]() };
  } catch (error) {
    await child[Symbol.asyncDispose]();
    throw error;
  }
}
