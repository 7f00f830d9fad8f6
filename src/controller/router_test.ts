import assert from "node:assert/strict";
import { Link, LINK_HOST } from "../../tests/faults/link.ts";
import { TestRouter } from "../../tests/controller/router.ts";
import { certificates } from "../../tests/controller/tls.ts";
import { signToken } from "../../tests/controller/token.ts";
import type { Tunnel } from "../wire/router/tunnel.ts";
import { RouterConnections } from "./router.ts";

const secret = new Uint8Array(32).fill(7);

async function setUp() {
  const { caPem, server } = await certificates();
  const router = new TestRouter({ pair: server, secret });
  await router.front.start();
  const options = { tls: { ca: caPem, insecure: false }, channelOptions: {} };
  const endpoint = `localhost:${router.front.port}`;
  const [ours, theirs] = [new RouterConnections(options), new RouterConnections(options)];
  return {
    router,
    options,
    ours,
    /** Both ends of a tunnel. */
    async tunnel(id: string): Promise<[End, End]> {
      const token = signToken(secret, id);
      return [end(await ours.open(endpoint, token)), end(await theirs.open(endpoint, token))];
    },
    async [Symbol.asyncDispose]() {
      ours[Symbol.dispose]();
      theirs[Symbol.dispose]();
      await router.front.stop();
    },
  };
}

/** One end of a tunnel, and where the next bytes of it go. */
interface End {
  readonly tunnel: Tunnel;
  heard: (text: string) => void;
}

function end(tunnel: Tunnel): End {
  const made: End = { tunnel, heard() {} };
  tunnel.start({ bytes: (bytes) => made.heard(new TextDecoder().decode(bytes)), closed() {} });
  return made;
}

async function carries([from, to]: [End, End], text: string): Promise<void> {
  const heard = new Promise((resolve) => to.heard = resolve);
  await from.tunnel.write(new TextEncoder().encode(text));
  assert.equal(await heard, text);
}

Deno.test("RouterConnections.renew() keeps open tunnels, and opens new ones on new connections", async () => {
  await using rig = await setUp();
  const { router, ours } = rig;
  const before = await rig.tunnel("before");
  await carries(before, "one");
  const { length } = router.front.negotiated;
  ours.renew();
  const after = await rig.tunnel("after");
  await carries(after, "two");
  assert.equal(router.front.negotiated.length, length + 1);
  await carries(before, "three");
  await carries([before[1], before[0]], "four");
  for (const { tunnel } of [...before, ...after]) tunnel.close();
});

Deno.test("RouterConnections verifies the certificate against the name from grpcOptions", async () => {
  await using rig = await setUp();
  const { router, options } = rig;
  // The certificate is for this address, but the name comes first.
  const endpoint = `127.0.0.1:${router.front.port}`;
  const named = (name: string) => ({ "grpc.ssl_target_name_override": name });
  using wrong = new RouterConnections({ ...options, channelOptions: named("elsewhere.test") });
  await assert.rejects(wrong.open(endpoint, signToken(secret, "wrong")), /elsewhere\.test/);
  using right = new RouterConnections({ ...options, channelOptions: named("localhost") });
  end(await right.open(endpoint, signToken(secret, "right")));
});

Deno.test("RouterConnections opens new tunnels past a connection that is silent, and tells it once", async () => {
  await using rig = await setUp();
  const { router, options } = rig;
  const { port } = router.front;
  await using link = await Link.open(port);
  const endpoint = `${LINK_HOST}:${port}`;
  const channelOptions = { "grpc.ssl_target_name_override": "localhost" };
  const silent: string[] = [];
  const onSilent = (router: string) => void silent.push(router);
  using ours = new RouterConnections({ ...options, channelOptions, silentMs: 2_000, onSilent });
  end(await ours.open(endpoint, signToken(secret, "before")));
  end(await ours.open(endpoint, signToken(secret, "beside")));
  assert.equal(router.front.connections, 1);
  link.lose();
  await link.restore();
  const tokens = ["one", "two"].map((id) => signToken(secret, id));
  const opened = await Promise.all(tokens.map((token) => ours.open(endpoint, token)));
  assert.deepEqual(silent, [endpoint]);
  assert.equal(router.front.negotiated.length, 2);
  using theirs = new RouterConnections(options);
  const other = end(await theirs.open(`localhost:${port}`, tokens[0]!));
  await carries([end(opened[0]!), other], "past it");
});
