import assert from "node:assert/strict";
import { InvalidArgument } from "../wire/error.ts";
import { DriverTree } from "./driver_tree.ts";
import type { DriverEntry } from "./entry.ts";
import { DriverInstances } from "./instances.ts";
import { callContext } from "./testing.ts";
import { driverUuid } from "./uuid.ts";

const identity = { namespace: "lab", name: "demo" };

/** Calls `get_methods` of a degraded driver. */
async function methodsOf(
  client: string,
  config: unknown,
  methodsDescription: Record<string, string> = {},
): Promise<unknown> {
  const entry: DriverEntry = {
    kind: "driver",
    name: "x",
    type: "",
    source: { unavailable: new InvalidArgument("no reason"), client, config },
    methodsDescription,
    labels: {},
    children: [],
  };
  await using scope = new AsyncDisposableStack();
  const ignore = () => {};
  const instances = new DriverInstances(new DriverTree([entry], identity), {
    scope,
    signal: new AbortController().signal,
    log: () => ({ debug: ignore, info: ignore, warning: ignore, error: ignore }),
  });
  return await instances.call(driverUuid(identity, "x"), "get_methods", [], callContext());
}

const SHELL = "jumpstarter_driver_shell.client.ShellClient";

Deno.test("a degraded shell has the methods of its config", async () => {
  assert.deepEqual(await methodsOf(SHELL, { methods: { ls: "ls", up: { command: "a" } } }), [
    "ls",
    "up",
  ]);
  assert.deepEqual(await methodsOf(SHELL, { methods: ["ls"] }, { df: "free space" }), ["df"]);
  for (const config of [undefined, null, 5, "text", []]) {
    assert.deepEqual(await methodsOf(SHELL, config), []);
  }
});

Deno.test("other degraded drivers answer no call", async () => {
  const answer = methodsOf("jumpstarter_driver_power.client.PowerClient", { methods: {} });
  await assert.rejects(answer, /driver 'x' is not available: no reason/);
});
