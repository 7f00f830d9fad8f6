/** What clients may send and what it costs: many small things, and small things that announce large ones. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { Code, codeOf, ConnectionFailed } from "../wire/error.ts";
import { codecFor } from "./encoding.ts";
import { memoryBudget } from "./memory_budget.ts";
import { decode, ENCODINGS, hex, nothingLeft, pack, pieces, repeat } from "./packed_testing.ts";
import { workerCount } from "./remote_stepper.ts";
import { CONTENT, DICTIONARIES, LZMA_ALONE } from "./testing.ts";

/** Without content, as bytes and as what they are. */
const EMPTY: Record<string, Buffer[]> = {
  gzip: [hex("1f8b0800000000000003 0300 00000000 00000000")],
  xz: [hex("fd377a585a000004e6d6b446 000000001cdf4421 1fb6f37d010000000004595a"), hex("00000000")],
  bz2: [hex("425a6839 177245385090 00000000")],
  zstd: [
    hex("28b52ffd 24 00 010000 99e9d851"),
    hex("28b52ffd 00 58 000000 000000 010000"),
    hex("502a4d18 00000000"),
    hex("5f2a4d18 03000000 ffffff"),
  ],
};

for (const encoding of ENCODINGS) {
  const inWorkers = encoding === "xz" || encoding === "bz2";
  const members = (["empty", "one", "two", "xs"] as const).map((name) => ({
    text: new TextDecoder().decode(CONTENT[name]),
    packed: pack(encoding, name),
  }));
  const empty = EMPTY[encoding]!.map((packed) => ({ text: "", packed }));

  Deno.test(`${encoding}: decode() reads any sequence of members in chunks of any size`, async () => {
    const member = fc.constantFrom(...members, ...empty);
    const sizes = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(fc.array(member, { maxLength: 8 }), sizes, async (others, sizes) => {
        const all = [members[1]!, ...others];
        const packed = Buffer.concat(all.map(({ packed }) => packed));
        const expected = all.map(({ text }) => text).join("");
        assert.equal((await decode(encoding, packed, sizes)).toString(), expected);
      }),
      { numRuns: inWorkers ? 12 : 60 },
    );
    nothingLeft();
  });

  Deno.test(`${encoding}: decode() reads 256 KiB of tiny members quickly and in few chunks`, async () => {
    const [, small] = members;
    for (const packed of [...EMPTY[encoding]!, small!.packed]) {
      const count = Math.floor((1 << 18) / packed.length);
      const start = performance.now();
      const rounds = roundsOfTheLoop();
      let chunks = 0;
      let length = 0;
      const bytes = Buffer.concat([small!.packed, repeat(packed, count)]);
      for await (const chunk of codecFor(encoding).decode(pieces(bytes))) {
        chunks++;
        length += chunk.length;
      }
      assert.equal(length, packed === small!.packed ? 4 * (count + 1) : 4);
      assert.ok(chunks <= 2 + length / (16 * 1024), `${chunks} chunks of ${length} bytes`);
      assert.ok(rounds.stop() > 0);
      // With a decoder for each member it takes a minute.
      assert.ok(performance.now() - start < 30_000);
    }
    nothingLeft();
  });

  Deno.test(`${encoding}: decode() shares the event loop and four workers between forty transfers`, async () => {
    const packed = pack(encoding, "zeros2M");
    const rounds = roundsOfTheLoop();
    const lengths = await Promise.all(Array.from({ length: 40 }, async () => {
      let length = 0;
      let most = 0;
      for await (const chunk of codecFor(encoding).decode(pieces(packed))) {
        length += chunk.length;
        most = Math.max(most, workerCount());
      }
      assert.ok(most <= 4);
      return length;
    }));
    assert.deepEqual(new Set(lengths), new Set([2 << 20]));
    // A round for each turn: forty compressions take one after the other.
    assert.ok(rounds.stop() >= 40);
    nothingLeft();
  });

  Deno.test(`${encoding}: decode() reports damage at any position to its reader`, async () => {
    const content = CONTENT.steps;
    const packed = pack(encoding, "steps");
    const step = Math.ceil(packed.length / (inWorkers ? 12 : 200));
    for (let at = 0; at < packed.length; at += step) {
      const damaged = Uint8Array.from(packed);
      damaged[at]! ^= 0x55;
      // Some bytes mean nothing, such as the time in gzip: then the content is whole.
      const found = await decode(encoding, damaged).catch((error) => error as Error);
      if (found instanceof Error) assert.equal(codeOf(found), Code.INVALID_ARGUMENT);
      else assert.ok(found.equals(content));
    }
    nothingLeft();
  });

  Deno.test(`${encoding}: encode() and decode() free everything if the source fails or the reader leaves`, async () => {
    const { encode, decode } = codecFor(encoding);
    const packed = pack(encoding, "zeros4M");
    async function* vanishing() {
      yield await Promise.resolve(packed.subarray(0, packed.length >> 1));
      throw new ConnectionFailed("the client left");
    }
    for (const transcode of [encode, decode]) {
      await assert.rejects(Array.fromAsync(transcode(vanishing())), { message: "the client left" });
      nothingLeft();
    }
    for await (const _ of decode(pieces(repeat(packed, 20)))) break;
    for await (const _ of encode(pieces(new Uint8Array(20 << 20)))) break;
    nothingLeft();
  });
}

/** A frame of zstd with blocks of 128 KB of one byte. */
function zstdFrame(windowLog: number, blocks: number): Buffer {
  return Buffer.concat([
    hex("28b52ffd 00"),
    Uint8Array.of((windowLog - 10) << 3),
    repeat(hex("02001041"), blocks - 1),
    hex("03001041"),
  ]);
}

for (const windowLog of [27, 28]) {
  Deno.test(`zstd: decode() reserves memory for a window of ${2 ** (windowLog - 20)} MB`, async () => {
    const blocks = 1.2 * 2 ** (windowLog - 17) | 0;
    let length = 0;
    let most = 0;
    for await (const chunk of codecFor("zstd").decode(pieces(zstdFrame(windowLog, blocks)))) {
      length += chunk.length;
      most = Math.max(most, memoryBudget.reserved);
    }
    assert.equal(length, blocks * 128 * 1024);
    assert.equal(most, (1 << 20) + 2 ** windowLog);
    nothingLeft();
  });
}

Deno.test("zstd: decode() refuses a window for which no memory can be spared, and says what to run", async () => {
  {
    using taken = memoryBudget.reserve(255 << 20);
    // What other transfers may have: half of the free memory, of which there may be much.
    assert.throws(() => taken.growTo(2 ** 42), { name: "MemoryShortage" });
    for (let step = 2 ** 40; step >= 2 ** 29; step /= 2) {
      try {
        taken.growTo(memoryBudget.reserved + step);
      } catch {
        // A smaller step may fit.
      }
    }
    await assert.rejects(decode("zstd", zstdFrame(31, 10)), (error: Error) => {
      assert.equal(codeOf(error), Code.RESOURCE_EXHAUSTED);
      assert.match(error.message, /expected 2048 MB of memory for it, found \d+ MB/);
      assert.match(error.message, /: .*zstd -dc --long=31 IMAGE \| zstd -19 -o NEW$/);
      return true;
    });
  }
  await assert.rejects(decode("zstd", zstdFrame(32, 10)), (error: Error) => {
    assert.equal(codeOf(error), Code.INVALID_ARGUMENT);
    assert.match(error.message, /a window of 4294967296 bytes; .*zstd -dc --long=31 IMAGE \|/);
    return true;
  });
  nothingLeft();
});

Deno.test("zstd: decode() refuses a frame that needs a dictionary, and names its number", async () => {
  const frame = hex("28b52ffd 01 58 07 090000 41");
  await assert.rejects(decode("zstd", frame), /a frame that needs dictionary 7/);
});

Deno.test("xz: decode() accepts dictionaries up to 192 MB and refuses larger ones with a remedy", async () => {
  const made = (megabytes: number) => Buffer.from(DICTIONARIES[megabytes]!, "base64");
  for (const megabytes of [1, 64, 192]) {
    const packed = await decode("xz", made(megabytes));
    assert.equal(packed.toString(), "one".repeat(9));
  }
  await assert.rejects(
    decode("xz", made(1024)),
    /data that need 1024 MB of memory to decompress, more than 250 MB; .*smaller/,
  );
  nothingLeft();
});

Deno.test("xz: decode() reads the older format .lzma, as official exporters do", async () => {
  const packed = Buffer.from(LZMA_ALONE, "base64");
  assert.equal((await decode("xz", packed)).toString(), "one".repeat(9));
});

/** Counts how often the event loop goes round. */
function roundsOfTheLoop() {
  let count = 0;
  let going = true;
  const next = () => {
    count++;
    if (going) setImmediate(next);
  };
  setImmediate(next);
  return {
    stop() {
      going = false;
      return count;
    },
  };
}
