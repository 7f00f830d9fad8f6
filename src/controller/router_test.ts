import assert from "node:assert/strict";
import { once } from "node:events";
import type { Duplex } from "node:stream";
import { TestRouter } from "../../tests/controller/router.ts";
import { certificates } from "../../tests/controller/tls.ts";
import { signToken } from "../../tests/controller/token.ts";
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
    ours,
    /** Both ends of a tunnel. */
    async tunnel(id: string): Promise<[Duplex, Duplex]> {
      const token = signToken(secret, id);
      return [await ours.open(endpoint, token), await theirs.open(endpoint, token)];
    },
    async [Symbol.asyncDispose]() {
      ours[Symbol.dispose]();
      theirs[Symbol.dispose]();
      await router.front.stop();
    },
  };
}

async function carries([from, to]: [Duplex, Duplex], text: string): Promise<void> {
  from.write(text);
  const [bytes] = await once(to, "data");
  assert.equal(String(bytes), text);
}

Deno.test("RouterConnections.renew() lets open tunnels go on and gives new ones new connections", async () => {
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
  for (const end of [...before, ...after]) end.destroy();
});
