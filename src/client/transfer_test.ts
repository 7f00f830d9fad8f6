/** Transfers with our own session: whole, cut short on either side, and recoded by the client. */
import assert from "node:assert/strict";
import { sleep } from "../base/sleep.ts";
import { codecFor } from "../codec/encoding.ts";
import { DeviceError, type Methods, resourceHandle, withArgs } from "../driver/mod.ts";
import { serveDrivers } from "../session/testing.ts";
import { Code } from "../wire/error.ts";
import { until } from "../../tests/until.ts";
import { type DriverClient, driverTree } from "./driver_client.ts";
import { receiveFrom, sendTo, type TransferOptions } from "./transfer.ts";

const MEGABYTE = 1 << 20;

/** What has become of the calls of the disk. */
interface Seen {
  stored: number;
  /** How calls ended, in order. */
  readonly ends: string[];
}

function disk(seen: Seen): Methods {
  const noting = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      const result = await work();
      seen.ends.push("done");
      return result;
    } catch (error) {
      seen.ends.push((error as Error).message);
      throw error;
    }
  };
  return {
    calls: {
      write: withArgs([resourceHandle], ([handle], { resources }) => {
        return noting(async () => {
          seen.stored = 0;
          for await (const chunk of await resources.read(handle)) seen.stored += chunk.length;
          return seen.stored;
        });
      }),
      read: withArgs([resourceHandle], ([handle], { resources }) => {
        return noting(async () => {
          await resources.write(handle, megabytes(5));
          return "all of it";
        });
      }),
      endless: withArgs([resourceHandle], ([handle], { resources }) => {
        return noting(() => resources.write(handle, megabytes(Infinity)));
      }),
      hang: withArgs([resourceHandle], ([_handle], { signal }) => {
        return noting(() =>
          new Promise((_, reject) => {
            signal.addEventListener("abort", () => reject(new Error("ended")));
          })
        );
      }),
      first: withArgs([resourceHandle], async ([handle], { resources }) => {
        for await (const _ of await resources.read(handle)) break;
        return "enough";
      }),
      fail: withArgs([resourceHandle], async ([handle], { resources }) => {
        for await (const _ of await resources.read(handle)) break;
        throw new DeviceError("the card is worn out");
      }),
      failLate: withArgs([resourceHandle], async ([handle], { resources }) => {
        await resources.write(handle, failing(new DeviceError("the card cannot be read")));
      }),
      refuse: withArgs([resourceHandle], () => {
        throw new DeviceError("no card");
      }),
    },
  };
}

async function* megabytes(count: number) {
  for (let index = 0; index < count; index++) {
    yield new Uint8Array(MEGABYTE).fill(index);
    await Promise.resolve();
  }
}

async function* failing(error: Error) {
  yield new Uint8Array(MEGABYTE);
  await new Promise((resolve) => setTimeout(resolve, 50));
  throw error;
}

async function* nonsense() {
  yield await Promise.resolve(new Uint8Array(100_000).fill(0x55));
}

/** A source that is stuck after its first chunk. */
async function* stuck() {
  yield new Uint8Array(1_000);
  await new Promise(() => {});
}

/** Runs `use` with a client of the disk. */
async function withDisk(
  use: (driver: DriverClient, seen: Seen, dispose: () => PromiseLike<void>) => Promise<void>,
): Promise<void> {
  const seen: Seen = { stored: -1, ends: [] };
  await using served = await serveDrivers({ disk: disk(seen) });
  const root = await driverTree(served.client);
  await use(root.children.get("disk")!, seen, () => served[Symbol.asyncDispose]());
}

/** `driver` of an exporter that decodes nothing. */
function withoutCodecs(driver: DriverClient): DriverClient {
  return Object.create(driver, {
    offer: { value: (options: TransferOptions) => driver.offer({ ...options, encoding: null }) },
    call: { value: driver.call.bind(driver) },
  });
}

function write(driver: DriverClient, source: AsyncIterable<Uint8Array>, options?: TransferOptions) {
  return sendTo(driver, source, (handle, bounds) => {
    return driver.call("write", [handle], bounds);
  }, options);
}

Deno.test("sendTo() sends all, and returns the result", async () => {
  await withDisk(async (driver) => {
    assert.equal(await write(driver, megabytes(20)), 20 * MEGABYTE);
    assert.equal(await write(driver, megabytes(0)), 0);
  });
});

Deno.test("receiveFrom() returns once the sink is done", async () => {
  await withDisk(async (driver) => {
    let received = 0;
    const sink = async (bytes: AsyncIterable<Uint8Array>) => {
      for await (const chunk of bytes) {
        received += chunk.length;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    const result = await receiveFrom(driver, sink, (handle, bounds) => {
      return driver.call("read", [handle], bounds);
    });
    assert.deepEqual([result, received], ["all of it", 5 * MEGABYTE]);
  });
});

Deno.test("sendTo() is content with a driver that stops reading", async () => {
  await withDisk(async (driver) => {
    const result = await sendTo(driver, stuck(), (handle) => driver.call("first", [handle]));
    assert.equal(result, "enough");
  });
});

Deno.test("a transfer throws the error of the driver, not that of its own broken stream", async () => {
  await withDisk(async (driver) => {
    const flash = sendTo(driver, stuck(), (handle) => driver.call("fail", [handle]));
    await assert.rejects(flash, { code: Code.INTERNAL, details: "the card is worn out" });
    for (
      const [method, details] of [["failLate", "the card cannot be read"], ["refuse", "no card"]]
    ) {
      const dump = receiveFrom(driver, consume, (handle) => driver.call(method!, [handle]));
      await assert.rejects(dump, { code: Code.INTERNAL, details });
    }
  });
});

async function consume(bytes: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of bytes);
}

Deno.test("a transfer throws what its source or sink throws, and ends the call", async () => {
  await withDisk(async (driver, seen) => {
    const failure = new Error("the file is gone");
    await assert.rejects(write(driver, failing(failure)), failure);
    await until(() => seen.ends.length === 1);
    const full = new Error("No space left on device");
    const sink = async (bytes: AsyncIterable<Uint8Array>) => {
      for await (const _ of bytes) throw full;
    };
    const dump = receiveFrom(driver, sink, (handle, bounds) => {
      return driver.call("endless", [handle], bounds);
    });
    await assert.rejects(dump, full);
    await until(() => seen.ends.length === 2);
    assert.ok(!seen.ends.includes("done"), String(seen.ends));
  });
});

Deno.test("a signal ends a transfer on both sides, and no driver takes part of it for all", async () => {
  await withDisk(async (driver, seen) => {
    for (const direction of ["send", "receive"]) {
      const reason = new Error(`enough to ${direction}`);
      const controller = new AbortController();
      const { signal } = controller;
      const moving = direction === "send"
        ? write(driver, stuck(), { signal })
        : receiveFrom(driver, consume, (handle, bounds) => {
          return driver.call("endless", [handle], bounds);
        }, { signal });
      setTimeout(() => controller.abort(reason), 100);
      await assert.rejects(moving, reason);
    }
    await until(() => seen.ends.length === 2);
    assert.ok(!seen.ends.includes("done"), String(seen.ends));
  });
});

Deno.test("a signal ends a call that does not look at its bytes, or has them all", async () => {
  await withDisk(async (driver, seen) => {
    for (const source of [stuck(), megabytes(1)]) {
      const controller = new AbortController();
      const { signal } = controller;
      const hanging = sendTo(driver, source, (handle, bounds) => {
        return driver.call("hang", [handle], bounds);
      }, { signal });
      const reason = new Error("enough");
      setTimeout(() => controller.abort(reason), 100);
      await assert.rejects(hanging, reason);
    }
    await until(() => seen.ends.length === 2);
    assert.deepEqual(seen.ends, ["ended", "ended"]);
  });
});

Deno.test("a transfer fails when the connection is lost", async () => {
  for (const direction of ["send", "receive"]) {
    await withDisk(async (driver, _seen, dispose) => {
      const moving = direction === "send" ? write(driver, stuck()) : receiveFrom(
        driver,
        consume,
        (handle, bounds) => driver.call("endless", [handle], bounds),
      );
      const disposed = sleep(100).then(dispose);
      await assert.rejects(moving, { name: "StatusError" });
      await disposed;
    });
  }
});

for (const encoding of ["gzip", "xz", "bz2", "zstd"]) {
  Deno.test(`a transfer recodes ${encoding} where the exporter does not`, async () => {
    await withDisk(async (driver) => {
      for (const disk of [driver, withoutCodecs(driver)]) {
        const { encode, decode } = codecFor(encoding);
        assert.equal(await write(disk, encode(megabytes(5)), { encoding }), 5 * MEGABYTE);
        let length = 0;
        await receiveFrom(
          disk,
          async (bytes) => {
            for await (const chunk of decode(bytes)) length += chunk.length;
          },
          (handle, bounds) => disk.call("read", [handle], bounds),
          { encoding },
        );
        assert.equal(length, 5 * MEGABYTE);
        const broken = write(disk, nonsense(), { encoding });
        await assert.rejects(broken, /expected whole .* data/);
      }
    });
  });
}
