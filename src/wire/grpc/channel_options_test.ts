import assert from "node:assert/strict";
import { channelOptions, maxMessageOf, unknownOptions, withServerName } from "./channel_options.ts";

Deno.test("channelOptions() has the official defaults, and the user's over them", () => {
  const options = channelOptions({ "grpc.keepalive_time_ms": 5_000 });
  assert.equal(options["grpc.keepalive_time_ms"], 5_000);
  assert.equal(options["grpc.keepalive_timeout_ms"], 180_000);
  assert.equal(options["grpc.keepalive_permit_without_calls"], 1);
});

Deno.test("unknownOptions() names what will have no effect", () => {
  const user = {
    "grpc.keepalive_time_ms": 1,
    "grpc.lb_policy_name": "round_robin",
    "grpc.keepalive_tme_ms": 1,
  };
  assert.deepEqual(unknownOptions(user), ["grpc.keepalive_tme_ms"]);
});

Deno.test("maxMessageOf() reads the limit as gRPC core does", () => {
  const name = "grpc.max_receive_message_length";
  assert.equal(maxMessageOf({}), 4 * 1024 * 1024);
  assert.equal(maxMessageOf({ [name]: 1_000 }), 1_000);
  assert.equal(maxMessageOf({ [name]: -1 }), Infinity);
  assert.equal(maxMessageOf({ [name]: "1000" }), 4 * 1024 * 1024);
});

Deno.test("withServerName() takes the name from the channel options", () => {
  const tls = { insecure: false };
  assert.deepEqual(withServerName(tls, {}), tls);
  const named = withServerName(tls, { "grpc.ssl_target_name_override": "controller" });
  assert.deepEqual(named, { insecure: false, serverName: "controller" });
});
