import assert from "node:assert/strict";
import { type Duplex, duplexPair } from "node:stream";
import { buffer } from "node:stream/consumers";
import { Code, codeOf } from "../../wire/error.ts";
import type { Value } from "../../wire/value.ts";
import { CallResources } from "../../tree/call_resources.ts";
import { ClientStreams } from "../../tree/client_streams.ts";
import type { OpenedDriver } from "../../tree/testing.ts";
import { serve } from "../../hardware/http/testing.ts";
import { lease, site, source } from "./testing.ts";

const BODY = `open() {
  // Not checked here, so that an argument that is no handle is refused when it is opened.
  const handles = z.unknown();
  let image = new Uint8Array(0);
  return {
    calls: {
      flash: withArgs([handles], async ([handle], { resources }) => {
        const chunks = [];
        for await (const chunk of await resources.read(handle)) chunks.push(chunk);
        image = Buffer.concat(chunks);
        return image.length;
      }),
      first: withArgs([handles], async ([handle], { resources }) => {
        for await (const chunk of await resources.read(handle)) return chunk.length > 0;
      }),
      dump: withArgs([handles], async ([handle], { resources }) => {
        await resources.write(handle, (async function* () {
          for (let at = 0; at < image.length; at += 100_000) yield image.subarray(at, at + 100_000);
        })());
      }),
      dumpSized: withArgs([handles], async ([handle], { resources }) => {
        const content = (async function* () {
          for (let count = 0; count < 6; count++) yield new Uint8Array(1 << 20);
        })();
        await resources.write(handle, Object.assign(content, { size: 6 << 20 }));
      }),
      broken: withArgs([handles], async ([handle], { resources }) => {
        await resources.write(handle, (async function* () {
          yield new Uint8Array(10);
          throw new DeviceError("the card is gone");
        })());
      }),
      twice: withArgs([handles], async ([handle], { resources }) => {
        await resources.read(handle);
        await resources.read(handle);
      }),
    },
  };
}`;

interface Client {
  readonly near: Duplex;
  /** The exporter's end. */
  readonly far: Duplex;
  readonly handle: Value;
}

/** Makes calls as a session does, which end what they opened. */
function caller(leased: OpenedDriver) {
  const streams = new ClientStreams();
  return {
    offer(encoding: string | null = null): Client {
      const [near, far] = duplexPair();
      near.on("error", () => {});
      return { near, far, handle: { ...streams.offer(far, encoding) } };
    },
    async call(method: string, ...args: Value[]): Promise<unknown> {
      const { signal } = new AbortController();
      using resources = new CallResources(streams, args, signal, { warning() {} });
      return await leased.driver.call(method, args, { signal, resources });
    },
  };
}

async function withDriver(use: (calls: ReturnType<typeof caller>) => Promise<void>): Promise<void> {
  await using place = await site({ "card.ts": source("acme.Card", BODY) });
  await using leased = await lease(await place.factory("acme.Card"));
  await use(caller(leased));
}

Deno.test("a driver in a worker reads and writes images, compressed or not", async () => {
  await withDriver(async ({ offer, call }) => {
    const image = crypto.getRandomValues(new Uint8Array(65_536));
    const large = Buffer.concat(Array.from({ length: 100 }, () => image));
    for (const content of [large, Buffer.alloc(0), Buffer.from("small")]) {
      const up = offer();
      up.near.resume();
      up.near.end(content);
      assert.equal(await call("flash", up.handle), content.length);
      const down = offer();
      down.near.end();
      const [dumped] = await Promise.all([buffer(down.near), call("dump", down.handle)]);
      assert.ok(dumped.equals(content));
    }
    const packed = offer("gzip");
    packed.near.end();
    const [gzip] = await Promise.all([buffer(packed.near), call("dump", packed.handle)]);
    const up = offer("gzip");
    up.near.resume();
    up.near.end(gzip);
    assert.equal(await call("flash", up.handle), 5);
  });
});

Deno.test("the size that a driver in a worker announces becomes the Content-Length of an upload", async () => {
  let received = 0;
  await using store = await serve(async (request, response) => {
    for await (const { length } of request) received += length;
    response.end();
  });
  await withDriver(async ({ call }) => {
    const url = `${store.url}/image`;
    await call("dumpSized", { kind: "presigned_request", method: "PUT", url, headers: {} });
  });
  assert.equal(received, 6 << 20);
  assert.equal(store.requests[0]!.headers["content-length"], String(6 << 20));
});

Deno.test("errors of images cross the worker boundary both ways", async () => {
  await withDriver(async ({ offer, call }) => {
    const cut = offer();
    const flashing = assert.rejects(call("flash", cut.handle), (error: Error) => {
      assert.match(error.message, /the client's stream broke off after/);
      assert.equal(codeOf(error), Code.UNAVAILABLE);
      return true;
    });
    cut.near.write(new Uint8Array(100_000), () => cut.far.destroy());
    await flashing;
    const down = offer();
    await assert.rejects(call("broken", down.handle), {
      name: "DeviceError",
      message: /the card is gone/,
    });
    await assert.rejects(call("flash", "file.img"), { name: "InvalidArgument" });
    const twice = offer();
    twice.near.end();
    await assert.rejects(call("twice", twice.handle), /names no stream of this driver's clients/);
  });
});

Deno.test("a driver in a worker that stops reading ends the client's stream", async () => {
  await withDriver(async ({ offer, call }) => {
    const { near, far, handle } = offer();
    const closed = new Promise((resolve) => far.once("close", resolve));
    near.write(new Uint8Array(1 << 20));
    assert.equal(await call("first", handle), true);
    await closed;
  });
});
