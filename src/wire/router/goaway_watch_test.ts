import assert from "node:assert/strict";
import { concat } from "../../base/bytes.ts";
import { messagePrefix } from "../grpc/message.ts";
import { dataPrefix, GOAWAY } from "./frame.ts";
import { GoawayWatch } from "./goaway_watch.ts";

const goaway = concat([messagePrefix(GOAWAY.length), GOAWAY]);
const data = (payload: Uint8Array) => concat([dataPrefix(payload.length), payload]);

Deno.test("a GOAWAY is found in pieces of any size, and not in a payload that looks like one", () => {
  const before = [
    new Uint8Array(),
    goaway,
    Uint8Array.of(1, 2, 3),
    concat([new Uint8Array(300), goaway]),
    new Uint8Array(70_000).fill(0x10),
  ].map(data);
  const empty = messagePrefix(0);
  const bytes = concat([...before, empty, goaway]);
  for (const size of [1, 2, 3, 5, 7, 8, 13, 1000, 65_536, bytes.length]) {
    const watch = new GoawayWatch();
    for (let at = 0; at < bytes.length; at += size) {
      const end = Math.min(at + size, bytes.length);
      assert.equal(watch.read(bytes.subarray(at, end)), end === bytes.length, `at ${end}`);
    }
    assert.ok(watch.read(data(Uint8Array.of(1))), "it is remembered");
  }
});

Deno.test("a message that is no frame is passed over", () => {
  const watch = new GoawayWatch();
  const broken = Uint8Array.of(0x0a, 0xff, 0xff);
  assert.equal(watch.read(concat([messagePrefix(broken.length), broken])), false);
  assert.equal(watch.read(goaway), true);
});
