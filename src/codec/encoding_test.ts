import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { deflateSync } from "node:zlib";
import { Code, codeOf, ConnectionFailed } from "../wire/error.ts";
import { codecFor } from "./encoding.ts";

const ENCODINGS = ["gzip", "xz", "bz2", "zstd"];

/** "one\n" and "two\n" by the usual tools, in hex, and an empty file. */
const MADE_ELSEWHERE: Record<string, Record<"one" | "two" | "empty", string>> = {
  gzip: {
    one: "1f8b0800000000000003cbcf4be502009fa817f804000000",
    two: "1f8b08000000000000032b29cfe702007408179604000000",
    empty: "1f8b080000000000000303000000000000000000",
  },
  xz: {
    one: "fd377a585a000004e6d6b4460200210116000000742fe5a30100036f6e650a00f55cbb561fc6fd860001" +
      "1c046f2c9cc11fb6f37d010000000004595a",
    two: "fd377a585a000004e6d6b4460200210116000000742fe5a301000374776f0a006506d6ffc4c0f93a0001" +
      "1c046f2c9cc11fb6f37d010000000004595a",
    empty: "fd377a585a000004e6d6b446000000001cdf44211fb6f37d010000000004595a",
  },
  bz2: {
    one: "425a68393141592653597813c082000001c10000100201a000219a68334d0cbc5dc914e14241e04f0208",
    two: "425a68393141592653592eb71ad700000141800010000084802000219a68334d073c5dc914e14240badc" +
      "6b5c",
    empty: "425a683917724538509000000000",
  },
  zstd: {
    one: "28b52ffd04582100006f6e650adf166809",
    two: "28b52ffd045821000074776f0a0f2d04f9",
    empty: "28b52ffd240001000099e9d851",
  },
};

async function* cut(bytes: Uint8Array, size = 64 * 1024): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
}

async function whole(bytes: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  return Buffer.concat(await Array.fromAsync(bytes));
}

const decode = (encoding: string, bytes: Uint8Array, size?: number) =>
  whole(codecFor(encoding).decode(cut(bytes, size)));
const encode = (encoding: string, bytes: Uint8Array) =>
  whole(codecFor(encoding).encode(cut(bytes)));

const sha = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const hex = (text: string) => Uint8Array.from(Buffer.from(text, "hex"));

/** Text, zeros, noise: every way of a compression is taken. */
function image(): Uint8Array {
  const text = "the quick brown fox jumps over the lazy dog\n".repeat(8_000);
  return Buffer.concat([
    Buffer.from(text),
    new Uint8Array(1_000_000),
    randomBytes(300_003),
    Uint8Array.from({ length: 300_000 }, (_, index) => (index >> 2) & 0xff),
  ]);
}

for (const encoding of ENCODINGS) {
  Deno.test(`${encoding}: decode() restores what encode() has compressed`, async () => {
    const original = image();
    for (const sample of [original, new Uint8Array(0), Uint8Array.of(1), randomBytes(200_001)]) {
      const encoded = await encode(encoding, sample);
      assert.equal(sha(await decode(encoding, encoded)), sha(sample));
    }
  });

  Deno.test(`${encoding}: decode() reads the output of other tools, with several members`, async () => {
    const { one, two, empty } = MADE_ELSEWHERE[encoding]!;
    const members = hex(one + empty + two + one);
    for (const size of [1, 7, 1 << 20]) {
      const text = new TextDecoder().decode(await decode(encoding, members, size));
      assert.equal(text, "one\ntwo\none\n");
    }
    assert.equal((await decode(encoding, hex(empty))).length, 0);
  });

  Deno.test(`${encoding}: decode() refuses a truncated or damaged image`, async () => {
    const encoded = await encode(encoding, image().subarray(0, 1_500_000));
    const damaged = Uint8Array.from(encoded);
    damaged[damaged.length >> 1]! ^= 0x10;
    const { one, two } = MADE_ELSEWHERE[encoding]!;
    for (
      const wrong of [
        new Uint8Array(0),
        encoded.subarray(0, -1),
        encoded.subarray(0, encoded.length >> 1),
        damaged,
        hex(one + two.slice(0, -2)),
        new TextEncoder().encode("no such thing"),
      ]
    ) {
      await assert.rejects(decode(encoding, wrong), (error: Error) => {
        assert.match(error.message, /Cannot decompress the image: expected whole \w+ data, found/);
        assert.equal(codeOf(error), Code.INVALID_ARGUMENT);
        return true;
      });
    }
  });

  Deno.test(`${encoding}: 16 MB of zeros come in small chunks, and can be left`, async () => {
    const { encode, decode } = codecFor(encoding);
    let count = 0;
    for await (const chunk of decode(encode(zeros(16)))) {
      assert.ok(chunk.length <= 1 << 20);
      count += chunk.length;
    }
    assert.equal(count, 16 << 20);
    for await (const chunk of decode(encode(noise()))) {
      assert.ok(chunk.length > 0);
      break;
    }
  });

  Deno.test(`${encoding}: an error of the source passes as it is`, async () => {
    const { encode, decode } = codecFor(encoding);
    const encoded = await whole(encode(zeros(1)));
    // deno-lint-ignore require-yield -- the other one does.
    async function* broken() {
      throw new ConnectionFailed("the client left");
    }
    async function* breaking() {
      yield encoded.subarray(0, 100);
      yield* broken();
    }
    for (const transcode of [encode, decode]) {
      await assert.rejects(whole(transcode(breaking())), {
        name: "ConnectionFailed",
        message: "the client left",
      });
    }
  });
}

async function* zeros(megabytes: number): AsyncGenerator<Uint8Array> {
  for (let count = 0; count < megabytes; count++) yield new Uint8Array(1 << 20);
}

/** Without an end, and so large when compressed that decoders need not wait for it. */
async function* noise(): AsyncGenerator<Uint8Array> {
  for (;;) yield await Promise.resolve(randomBytes(1 << 18));
}

Deno.test("gzip: decode() reads zlib's format, as official exporters do", async () => {
  const original = image();
  assert.equal(sha(await decode("gzip", deflateSync(original))), sha(original));
});

Deno.test("bz2 and xz: encode() writes a single stream, because readers differ after its end", async () => {
  const encoded = await encode("bz2", image());
  const count = (bytes: Uint8Array, magic: string) =>
    Buffer.from(bytes).toString("latin1").split(magic).length - 1;
  assert.equal(count(encoded, "BZh9"), 1);
  assert.equal(count(await encode("xz", image()), "\xfd7zXZ\0"), 1);
});
