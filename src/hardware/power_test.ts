import assert from "node:assert/strict";
import { asDriver } from "../driver/methods.ts";
import { callContext } from "../tree/testing.ts";
import { notMeasured, powerMethods, type PowerSwitch } from "./power.ts";

const driver = (power: PowerSwitch) => asDriver(powerMethods(power), "power");

Deno.test("powerMethods() gives each method the signal of its call", async () => {
  const given: AbortSignal[] = [];
  const power = driver({
    on: ({ signal }) => given.push(signal),
    off: ({ signal }) => given.push(signal),
    read({ signal }) {
      given.push(signal);
      return [{ voltage: 5, current: 1 }];
    },
  });
  const calls = [callContext(), callContext(), callContext()] as const;
  await power.call("on", [], calls[0]);
  await power.call("off", [], calls[1]);
  assert.deepEqual([...power.stream("read", [], calls[2]) as Iterable<unknown>], [
    { voltage: 5, current: 1 },
  ]);
  assert.deepEqual(given.map((signal) => calls.findIndex((call) => call.signal === signal)), [
    0,
    1,
    2,
  ]);
});

Deno.test("read() is refused by a switch that has none, and by one whose meter is missing", async () => {
  const switches: PowerSwitch[] = [
    { on() {}, off() {} },
    {
      on() {},
      off() {},
      async *read() {
        yield await Promise.resolve(notMeasured());
      },
    },
  ];
  for (const power of switches) {
    const reading = async () => {
      await Array.fromAsync(driver(power).stream("read", [], callContext()));
    };
    await assert.rejects(reading, { name: "NotSupported", message: /measures nothing/ });
  }
});
