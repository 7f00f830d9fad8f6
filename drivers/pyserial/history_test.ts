import assert from "node:assert/strict";
import { History, SCROLLBACK } from "./history.ts";

Deno.test("History keeps the last 64 KiB, whatever the sizes of chunks", () => {
  for (const size of [1, 1000, 4096, 65_535, 65_536, 70_000, 200_000]) {
    const [history, stream] = [new History(), {}];
    history.join(stream);
    const all = Uint8Array.from({ length: 300_000 }, (_, index) => index % 251);
    assert.equal(history.bytes.length, 0);
    history.received(stream, all.subarray(0, 10));
    assert.deepEqual(history.bytes, all.slice(0, 10));
    for (let at = 10; at < all.length; at += size) {
      history.received(stream, all.subarray(at, at + size));
    }
    assert.ok(Buffer.from(history.bytes).equals(all.subarray(-SCROLLBACK)), `chunks of ${size}`);
  }
});

Deno.test("History keeps what several streams receive once", () => {
  const history = new History();
  const [one, other] = [{ name: "one" }, { name: "other" }];
  const receive = (text: string) => {
    for (const stream of [one, other]) history.received(stream, new TextEncoder().encode(text));
  };
  history.join(one);
  receive("a");
  history.join(other);
  receive("b");
  history.leave(one);
  receive("c");
  history.leave(other);
  receive("d");
  assert.equal(new TextDecoder().decode(history.bytes), "abc");
});
