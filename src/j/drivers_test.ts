/** Commands for drivers as no exporter of ours reports them: without a name, or without a class. */
import assert from "node:assert/strict";
import { driverTree } from "../client/driver_client.ts";
import type { SessionClient } from "../client/session_client.ts";
import type { Value } from "../wire/value.ts";
import { Code } from "../wire/error.ts";
import { StatusError } from "../wire/grpc/status.ts";
import { JCommand } from "./command.ts";
import { addDriver } from "./drivers.ts";
import { Output } from "./output.ts";

const POWER = "jumpstarter_driver_power.client.PowerClient";

/** The commands of an exporter that reports these drivers below its root. */
async function commandsFor(
  drivers: readonly Readonly<Record<string, string>>[],
  args: readonly string[],
): Promise<JCommand> {
  const below = drivers.map((labels, index) => {
    const uuid = `driver-${index}`;
    return { uuid, parentUuid: "root", labels, methodsDescription: {} };
  });
  const session: Pick<SessionClient, "report" | "call"> = {
    report: () => {
      const root = { uuid: "root", labels: {}, methodsDescription: {} };
      return Promise.resolve({
        motd: "",
        uuid: "",
        labels: {},
        reports: [root, ...below],
        alternativeEndpoints: [],
      });
    },
    call: (): Promise<Value> => Promise.reject(new StatusError(Code.NOT_FOUND, "no such method")),
  };
  const command = new JCommand("j").passThroughOptions();
  const { signal } = new AbortController();
  const input = { isTerminal: () => false, async *[Symbol.asyncIterator]() {} };
  const context = { output: new Output(), input, signal, json: false };
  await addDriver(command, await driverTree(session as SessionClient), args, context);
  return command;
}

Deno.test("a driver without a name leaves the others usable", async () => {
  const labels = [{ "jumpstarter.dev/client": POWER }, {
    "jumpstarter.dev/client": POWER,
    "jumpstarter.dev/name": "power",
  }];
  const { commands } = await commandsFor(labels, ["power", "on"]);
  assert.deepEqual(commands.map((command) => command.name()), ["power"]);
});

Deno.test("a driver whose client class is none offers no package", async () => {
  for (const client of ["", "__proto__", "..", "-rf /.x", "a b.C"]) {
    const labels = { "jumpstarter.dev/client": client, "jumpstarter.dev/name": "odd" };
    const command = await commandsFor([labels], ["odd", "on"]);
    await assert.rejects(command.parseAsync(["odd", "on"], { from: "user" }), {
      message: "odd has no client class with commands; call its methods by 'j call odd METHOD'",
    });
  }
});
