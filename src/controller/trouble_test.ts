import assert from "node:assert/strict";
import { TestController } from "../../tests/controller/controller.ts";
import { Code } from "../wire/code.ts";
import { explain } from "./trouble.ts";

Deno.test("explain() names what may swallow a call where a new connection works", async () => {
  await using controller = await TestController.start();
  const target = {
    peer: "controller",
    endpoint: controller.endpoint,
    tls: { ca: controller.caPem, insecure: false },
    channelOptions: {},
    method: "Register",
  };
  const error = { code: Code.DEADLINE_EXCEEDED, details: "Deadline exceeded after 30.000s" };
  const line = await explain(error, target, new AbortController().signal);
  assert.match(
    line,
    /Register failed: DEADLINE_EXCEEDED: a new connection works, but the call got no/,
  );
  assert.match(line, /loses large packets .*ip link set dev NAME mtu 1280/);
});
