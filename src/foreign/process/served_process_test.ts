import assert from "node:assert/strict";
import { buffer } from "node:stream/consumers";
import { type Duplex, PassThrough } from "node:stream";
import { defineDriver, type DriverLike, resourceHandle, withArgs, z } from "../../driver/mod.ts";
import type { Entry } from "../../tree/entry.ts";
import { callContext, entryOf } from "../../tree/testing.ts";
import { Code, DriverError, InvalidArgument } from "../../wire/error.ts";
import { hostedSession } from "./testing.ts";

const power: DriverLike = {
  calls: {
    on: () => "done",
    fail: () => {
      throw new InvalidArgument("expected less, found more");
    },
    wait: (_args, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
      }),
  },
  streams: {
    async *read() {
      yield { voltage: 5 };
      yield { voltage: 12 };
    },
  },
  bytes: {
    echo: () => new PassThrough(),
    refused: () => {
      throw new DriverError("the port is busy");
    },
  },
};

Deno.test("calls, streams and bytes pass to the process, with its errors and under our uuids", async () => {
  await using lab = await hostedSession({ power, "power.lamp": power });
  const { client, uuid, call } = lab.outer;
  assert.equal(await call("power", "on"), "done");
  assert.equal(await call("power.lamp", "on"), "done");
  const items = await Array.fromAsync(client.stream(uuid("power"), "read"));
  assert.deepEqual(items, [{ voltage: 5 }, { voltage: 12 }]);
  await assert.rejects(call("power", "fail"), {
    code: Code.INVALID_ARGUMENT,
    message: "expected less, found more",
  });
  const echo: Duplex = await client.bytes(uuid("power"), "echo");
  const sent = crypto.getRandomValues(new Uint8Array(65_536));
  const received = buffer(echo);
  for (let round = 0; round < 64; round++) {
    if (!echo.write(sent)) await new Promise((resolve) => echo.once("drain", resolve));
  }
  echo.end();
  assert.equal((await received).length, 64 * sent.length);
  await assert.rejects(client.bytes(uuid("power"), "refused"), { message: "the port is busy" });
});

Deno.test("the report has what the process made itself", async () => {
  await using lab = await hostedSession({ power, "power.lamp": power });
  const { reports } = await lab.outer.client.report();
  const rows = reports.map(({ uuid, labels }) => [labels["jumpstarter.dev/client"], uuid]);
  assert.deepEqual(rows.slice(1), [
    ["other.power", lab.outer.uuid("power")],
    ["other.power.lamp", lab.outer.uuid("power.lamp")],
  ]);
});

Deno.test("a call that the client gives up is cancelled in the process", async () => {
  const begun = Promise.withResolvers<void>();
  const cancelled = Promise.withResolvers<void>();
  await using lab = await hostedSession({
    slow: {
      calls: {
        wait: async (_args, { signal }) => {
          begun.resolve();
          await new Promise((resolve) => signal.addEventListener("abort", resolve));
          cancelled.resolve();
        },
      },
    },
  });
  const leaving = new AbortController();
  const call = lab.outer.client.call(lab.outer.uuid("slow"), "wait", [], {
    signal: leaving.signal,
  });
  begun.promise.then(() => leaving.abort(new Error("the client leaves")));
  await assert.rejects(call, /the client leaves/);
  await cancelled.promise;
});

Deno.test("a process that ends fails its calls with the reason, and is started again, three times", async () => {
  await using lab = await hostedSession({ power });
  const { call, records } = lab.outer;
  for (let restart = 1; restart <= 3; restart++) {
    const waiting = call("power", "wait");
    await call("power", "on");
    await Promise.all([
      lab.kill("signal SIGKILL", "first line", "last line"),
      assert.rejects(waiting, {
        code: Code.UNAVAILABLE,
        message:
          /^the other process ended with signal SIGKILL; its last lines: first line \| last line$/,
      }),
    ]);
    assert.equal(await call("power", "on"), "done");
    assert.equal(lab.starts, restart + 1);
  }
  await lab.kill("exit code 3");
  for (let again = 0; again < 2; again++) {
    await assert.rejects(call("power", "on"), {
      code: Code.UNAVAILABLE,
      message:
        "the other process ended with exit code 3; it was started again 3 times in this lease, " +
        "which is the limit; the next lease starts it afresh",
    });
  }
  assert.equal(lab.starts, 4);
  const messages = records.map(({ message }) => message);
  assert.ok(messages.includes("The other process ended with exit code 3"), String(messages));
  assert.ok(messages.includes("Starts the other process again (3 of 3 times in a lease)"));
});

Deno.test("an entry that the process cannot build is degraded alone", async () => {
  const problems = new Map([[
    "broken",
    new DriverError("ModuleNotFoundError: No module named 'x'"),
  ]]);
  await using lab = await hostedSession({ power }, { problems });
  assert.equal(await lab.outer.call("power", "on"), "done");
  await assert.rejects(lab.outer.call("broken", "on"), {
    message: "driver 'broken' is not available: ModuleNotFoundError: No module named 'x'",
  });
});

/** Has a driver of another process as its child. */
const panel: Entry = (() => {
  const manifest = defineDriver({
    type: "test.Panel",
    client: "test.Client",
    config: z.any(),
    children: true,
    open: ({ children, signal }) => {
      const power = children.get("power")!;
      const context = callContext(signal);
      return {
        calls: {
          press: () => power.call("on", [], context),
          load: withArgs([z.any()], ([handle], call) => power.call("load", [handle], call)),
        },
        streams: { watch: () => power.stream("read", [], { signal }) },
        bytes: { echo: () => power.bytes("echo", { signal }) },
      };
    },
  });
  return entryOf("panel", manifest, [{ kind: "proxy", name: "power", ref: "power" }]);
})();

Deno.test("a driver of this process uses one of another process", async () => {
  await using lab = await hostedSession({ power }, { others: [panel] });
  const { client, uuid, call } = lab.outer;
  assert.equal(await call("panel", "press"), "done");
  const items = await Array.fromAsync(client.stream(uuid("panel"), "watch"));
  assert.deepEqual(items, [{ voltage: 5 }, { voltage: 12 }]);
  const echo = await client.bytes(uuid("panel"), "echo");
  echo.end("through two sessions");
  assert.equal(String(await buffer(echo)), "through two sessions");
});

const loader: DriverLike = {
  calls: {
    load: withArgs([resourceHandle], async ([handle], { resources }) => {
      return (await buffer(await resources.read(handle))).length;
    }),
  },
};

for (const name of ["power", "panel"]) {
  Deno.test(`bytes that a client offers to '${name}' reach a driver of the process`, async () => {
    await using lab = await hostedSession({ power: loader }, { others: [panel] });
    const { client, uuid, call } = lab.outer;
    using offer = await client.offer(uuid(name));
    const image = crypto.getRandomValues(new Uint8Array(65_536));
    const sending = offer.send(Array.from({ length: 64 }, () => image));
    assert.equal(await call(name, "load", { ...offer.handle }), 64 * image.length);
    assert.equal(await sending, true);
  });
}
