/** The scenarios of an official client with an exporter: one list for every transport. @module */
import assert from "node:assert/strict";
import { succeeds } from "./client.ts";
import { checkErrors } from "./errors.ts";
import { ChildProcess } from "./process.ts";
import { checkReport } from "./report.ts";
import { openSite, type Site } from "./site.ts";
import { type Connection, type Transport, until } from "./transports.ts";

type Scenario = (site: Site, connection: Connection) => Promise<void>;

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  "the client tree has the names, classes and descriptions": async ({ client }, { env }) =>
    checkReport(await client.show("check_report", env)),
  "j shows the descriptions and switches the power": switchPower,
  "PowerClient switches, cycles and reads": async ({ client }, { env }) =>
    assert.deepEqual(await client.show("check_power", env), [[0, 0], [5, 2]]),
  "PySerialClient talks to a pty, reopens it and loses nothing": talkSerial,
  "j serial pipe carries both ways": pipeSerial,
  "NetworkClient reaches TCP, UDP, Unix sockets and WebSockets": reachNetworks,
  "errors arrive as the client's classes, and the other drivers serve": async (
    { client },
    { env },
  ) => checkErrors(await client.show("check_errors", env)),
  "LogStream brings every line to every listener": readLogs,
  "many calls and streams are in flight at the same time": async ({ client }, { env }) =>
    assert.equal(await client.show("check_load", env), "done"),
  "eight clients come at once": comeTogether,
  "a cancelled streaming call ends in the driver": async ({ client }, { env }) =>
    assert.equal(await client.show("check_cancel", env), 1),
  "a killed client leaves the device to the next one": killClient,
};

/** Runs every scenario against one exporter. */
export function testTransport(transport: Transport): void {
  Deno.test(`the official client works over ${transport.name}`, async (t) => {
    await using site = await openSite();
    await using connection = await transport.connect(site);
    for (const [name, scenario] of Object.entries(SCENARIOS)) {
      await t.step(name, async () => {
        const before = connection.exporter.child.log.length;
        try {
          await scenario(site, connection);
        } catch (error) {
          const log = connection.exporter.child.log.slice(before);
          (error as Error).message += `\nThe exporter said:\n${log}`;
          throw error;
        }
      });
    }
  });
}

async function switchPower({ client }: Site, { env, shell }: Connection): Promise<void> {
  const commands = ["j power --help", "j power on", "j power cycle --wait 0", "j power read"];
  const argv = shell("sh", "-ec", commands.join("\n"));
  const output = await succeeds(client.run(argv, { env }));
  assert.match(output, /Supply of the board/);
  assert.match(output, /^ +on +Go live$/m);
  assert.match(output, /voltage=5\.0 V {2}current=2\.0 A/);
}

async function talkSerial({ client, devices }: Site, { env }: Connection): Promise<void> {
  const { dtr } = await client.show<{ dtr: { class: string; text: string } }>("check_serial", env);
  assert.equal(dtr.class, "DriverError");
  assert.match(dtr.text, /^DriverCall 'set_dtr' failed with gRPC INTERNAL: Cannot set DTR of/);
  assert.ok(dtr.text.includes(devices.echo_pty));
}

async function pipeSerial({ client }: Site, { env, shell }: Connection): Promise<void> {
  const child = new ChildProcess(shell("j", "serial", "pipe"), {
    env: { ...client.env, ...env },
    stdin: "hello\n",
  });
  await using _ = child;
  await child.saying(/HELLO/);
  // It runs until Ctrl+C, which a terminal sends to all foreground processes.
  child.kill("SIGINT");
  await child.finished();
}

async function reachNetworks({ client, devices }: Site, { env }: Connection): Promise<void> {
  const result = await client.show<Record<string, unknown>>("check_network", env);
  assert.deepEqual(result["addresses"], [
    `tcp://127.0.0.1:${devices.tcp}`,
    `udp://127.0.0.1:${devices.udp}`,
    `ws://127.0.0.1:${devices.websocket}`,
  ]);
  assert.deepEqual(result["hidden"], {
    class: "DriverInvalidArgument",
    builtin: ["ValueError"],
    text: "DriverCall 'address' failed with gRPC INVALID_ARGUMENT: " +
      "enable_address mode is not true in the exporter configuration",
  });
  assert.equal((result["none"] as { class: string }).class, "DriverMethodNotImplemented");
}

async function readLogs({ client }: Site, { env }: Connection): Promise<void> {
  const DRIVER = 1;
  const expected = [
    ["INFO", DRIVER, "first"],
    ["INFO", DRIVER, "power on"],
    ["INFO", DRIVER, "power off"],
    ...["debug", "info", "warning", "error"].map((word) => [word.toUpperCase(), DRIVER, word]),
    ["INFO", DRIVER, "last"],
  ];
  assert.deepEqual(await client.show("check_logs", env), [expected, expected]);
}

async function comeTogether({ client }: Site, { env }: Connection): Promise<void> {
  const clients = Array.from({ length: 8 }, () => client.show("check_power", env));
  await Promise.all(clients);
}

async function killClient({ client, devices }: Site, { env, exporter }: Connection) {
  const holds = () => exporter.openFiles().includes(devices.echo_pty);
  await until(() => !holds(), () => "the device to be closed before it is held");
  const ended = await client.show<number>("ended_ticks", env);
  await using holder = client.start("hold", { env });
  await holder.saying(/"holding"/);
  assert.ok(holds(), "the exporter does not hold the device");
  holder.kill("SIGKILL");
  await until(() => !holds(), () => "the device to be closed after its client was killed");
  assert.ok(await client.show<number>("ended_ticks", env) > ended, "the ticks go on");
  await client.show("check_serial", env);
}
