/** Calls of `drivers/faulty.py` that do not end by themselves. @module */
import assert from "node:assert/strict";
import { once } from "node:events";
import { until } from "../until.ts";
import type { Leased } from "./exporter_lab.ts";

/** Its outcome, which is an error sooner or later. */
export interface InFlight {
  readonly outcome: Promise<unknown>;
}

/** Starts a call of the driver `faulty`; resolves when it is in flight. */
type Start = (lease: Leased) => Promise<InFlight>;

/** One of each kind that clients have. */
export const inFlight: Readonly<Record<string, Start>> = {
  call: (lease) => hangingCall(lease, "faulty"),

  async "streaming call"({ client, uuid }) {
    const numbers = client.stream(uuid("faulty"), "count")[Symbol.asyncIterator]();
    assert.equal((await numbers.next()).value, 0);
    return { outcome: toEnd(numbers) };
  },

  async "byte stream"({ client, uuid }) {
    const bytes = await client.bytes(uuid("faulty"), "connect");
    bytes.write("hello");
    const [echoed] = await once(bytes, "data");
    assert.equal(String(echoed), "hello");
    return { outcome: once(bytes, "end") };
  },

  async upload({ client, uuid, call }) {
    const offer = await client.offer(uuid("faulty"));
    let sent = 0;
    offer.send(function* () {
      for (;; sent++) yield new Uint8Array(65_536);
    }()).catch(() => {});
    const outcome = call("faulty", "write", { ...offer.handle });
    await until(() => sent > 50);
    return { outcome };
  },

  async download({ client, uuid, call }) {
    const offer = await client.offer(uuid("faulty"));
    const called = call("faulty", "dump", { ...offer.handle });
    const chunks = offer.receive()[Symbol.asyncIterator]();
    assert.ok((await chunks.next()).value.length > 0);
    // The bytes break as well as the call.
    return { outcome: Promise.all([assert.rejects(toEnd(chunks)), called]) };
  },
};

/** Starts a call of the driver at `path` that hangs; resolves when the driver has begun. */
export async function hangingCall({ call }: Leased, path: string): Promise<InFlight> {
  const outcome = call(path, "hang");
  outcome.catch(() => {});
  await until(async () => await call(path, "hangs") === true);
  return { outcome };
}

async function toEnd(values: AsyncIterator<unknown>): Promise<void> {
  while (!(await values.next()).done);
}
