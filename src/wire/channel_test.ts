import assert from "node:assert/strict";
import { connect } from "node:net";
import { channelCredentials, channelOptions, unknownOptions } from "./channel.ts";
import { maxMessageOf } from "./message_limit.ts";
import { trustedRoots, withServerName } from "./trust.ts";

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

Deno.test("trustedRoots() is the config's CA alone where there is one", () => {
  assert.equal(trustedRoots({ ca: "PEM", insecure: false }), "PEM");
});

Deno.test("trustedRoots() reads the file that SSL_CERT_FILE names", async () => {
  const file = await Deno.makeTempFile();
  const before = Deno.env.get("SSL_CERT_FILE");
  try {
    await Deno.writeTextFile(file, "bundle");
    Deno.env.set("SSL_CERT_FILE", file);
    assert.equal(trustedRoots({ insecure: false }), "bundle");
  } finally {
    if (before === undefined) Deno.env.delete("SSL_CERT_FILE");
    else Deno.env.set("SSL_CERT_FILE", before);
    await Deno.remove(file);
  }
});

Deno.test("withServerName() takes the name from the channel options", () => {
  const tls = { insecure: false };
  assert.deepEqual(withServerName(tls, {}), tls);
  const named = withServerName(tls, { "grpc.ssl_target_name_override": "controller" });
  assert.deepEqual(named, { insecure: false, serverName: "controller" });
});

Deno.test("channelCredentials() give up a TLS handshake that is never answered", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const target = { scheme: "dns", path: `127.0.0.1:${port}` };
  const connector = channelCredentials({ insecure: true }, 50)._createSecureConnector(target, {});
  const socket = connect({ host: "127.0.0.1", port });
  using silent = await listener.accept();
  await assert.rejects(connector.connect(socket), /no answer within 0\.05 s/);
  while (await silent.read(new Uint8Array(4_096)) !== null) { /* What was said in vain. */ }
});

Deno.test("maxMessageOf() reads the limit as gRPC core does", () => {
  const name = "grpc.max_receive_message_length";
  assert.equal(maxMessageOf({}), 4 * 1024 * 1024);
  assert.equal(maxMessageOf({ [name]: 1_000 }), 1_000);
  assert.equal(maxMessageOf({ [name]: -1 }), Infinity);
  assert.equal(maxMessageOf({ [name]: "1000" }), 4 * 1024 * 1024);
});
