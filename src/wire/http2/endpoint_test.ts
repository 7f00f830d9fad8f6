import assert from "node:assert/strict";
import type { Link, LinkListener } from "../net/link.ts";
import { Flag, Type } from "./codes.ts";
import { Http2Endpoint } from "./endpoint.ts";
import { PREFACE, TURN } from "./frame_reader.ts";
import { frame } from "./testing.ts";

/** A link that the test speaks through. */
class TestLink implements Link {
  listener: LinkListener | undefined;
  waits: number | undefined;

  constructor(waits?: number) {
    this.waits = waits;
  }

  start(listener: LinkListener): void {
    this.listener = listener;
  }

  write(): undefined {}

  close(): void {
    this.listener?.closed();
  }
}

const GREETING = new Uint8Array([...PREFACE, ...frame(Type.SETTINGS, 0, 0)]);
/** Half of what is taken at once. */
const PINGS = new Uint8Array(
  Array(TURN / 2).fill(frame(Type.PING, Flag.ACK, 0, new Array(8).fill(0))).flat(),
);

function served(link: TestLink): (bytes: Uint8Array) => Promise<void> | void {
  new Http2Endpoint("server", link, { timeMs: 20_000, timeoutMs: 20_000 }, { closed() {} });
  link.listener!.bytes(GREETING);
  return (bytes) => link.listener!.bytes(bytes);
}

Deno.test("a peer that says much without a pause lets the others have their turn", async () => {
  for (const waits of [undefined, 0]) {
    const link = new TestLink(waits);
    const receive = served(link);
    assert.equal(receive(PINGS), undefined);
    await receive(PINGS)!;
    assert.equal(receive(PINGS.subarray(17)), undefined);
    link.close();
  }
});

Deno.test("a peer that pauses by itself is not stopped for the others", async () => {
  const counting = new TestLink(0);
  const receive = served(counting);
  for (let round = 0; round < 8; round++) {
    counting.waits! += 1;
    assert.equal(receive(PINGS), undefined);
  }
  counting.close();

  const link = new TestLink();
  const other = served(link);
  for (let round = 0; round < 4; round++) {
    assert.equal(other(PINGS), undefined);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  link.close();
});
