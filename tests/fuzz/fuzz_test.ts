/** A short run of `deno task test:fuzz`. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { fuzz } from "./fuzz.ts";
import { Random } from "./random.ts";
import { honest, openSession } from "./session.ts";

Deno.test("conversations that no client would have end in nothing but an answer", async () => {
  const { failures, held } = await fuzz({ count: 10_000, seed: 1 });
  assert.deepEqual(failures, []);
  assert.equal(Object.keys(held).length, 8);
});

Deno.test("a conversation in good order is answered", async () => {
  await using session = await openSession();
  const said = Buffer.from(await honest(session, new Random(1)));
  // The DATA frame of the answer, and a status of 0 in what follows.
  assert.match(said.toString("latin1"), /grpc-status/);
  assert.ok(said.includes(Buffer.from("grpc-status\x010", "latin1")), said.toString("latin1"));
});
