/** What is behind the compressed data of an image. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { gzipSync } from "node:zlib";
import {
  decode,
  decodeNoting,
  ENCODINGS,
  hex,
  nothingLeft,
  pack,
  repeat,
} from "./packed_testing.ts";

/** As OpenWrt appends to its images: JSON, a signature and a trailer. */
const METADATA = '{  "metadata_version": "1.1", "compat_version": "1.0" }\0\x01\x02FWx0\0\0';

for (const encoding of ENCODINGS) {
  Deno.test(`${encoding}: decode() counts the bytes that it ignores after the last member`, async () => {
    const packed = pack(encoding, "one");
    const skipped = encoding === "xz" ? 0 : 600;
    for (
      const [tail, ignored] of [
        [Buffer.alloc(0), 0],
        [Buffer.from(METADATA), METADATA.length],
        [Buffer.alloc(600), skipped],
        [Buffer.concat([Buffer.alloc(600), Buffer.from(METADATA)]), 600 + METADATA.length],
        [Buffer.alloc(3_000_000, 7), 3_000_000],
      ] as const
    ) {
      const bytes = Buffer.concat([packed, tail]);
      for (const sizes of [[bytes.length], [packed.length], [packed.length - 1], [4_099]]) {
        const { content, noted } = await decodeNoting(encoding, bytes, sizes);
        assert.equal(content.toString(), "one\n");
        assert.deepEqual(noted, ignored === 0 ? [] : [ignored]);
      }
    }
    nothingLeft();
  });
}

Deno.test("gzip: decode() reads headers with every field, and refuses wrong trailers", async () => {
  const body = hex("cbcf4be50200");
  const sum = hex("9fa817f804000000");
  const member = (flags: number, fields: Uint8Array, trailer = sum) =>
    Buffer.concat([
      hex("1f8b08"),
      Uint8Array.of(flags),
      hex("000000000003"),
      fields,
      body,
      trailer,
    ]);
  const fields = Buffer.concat([
    ...[hex("0300 616263"), Buffer.from("image.bin\0"), Buffer.alloc(100_000, "c"), hex("00 abcd")],
  ]);
  for (const size of [1, 4_099, 1 << 20]) {
    const twice = Buffer.concat([member(0x1f, fields), member(0, hex(""))]);
    assert.equal((await decode("gzip", twice, [size])).toString(), "one\none\n");
  }
  for (
    const [wrong, reason] of [
      [member(0, hex(""), hex("9fa817f904000000")), /check sum of a member is wrong/],
      [member(0, hex(""), hex("9fa817f805000000")), /length of a member is wrong/],
      [member(0, hex(""), sum.subarray(0, 7)), /unexpected end of the data/],
      [member(0x20, hex("")), /unknown header flags/],
      [member(8, Buffer.from("no end")).subarray(0, 16), /unexpected end of the data/],
    ] as const
  ) await assert.rejects(decode("gzip", wrong), reason);
});

for (const encoding of ENCODINGS) {
  Deno.test(`${encoding}: decode() ignores data after the last member, unless it begins another`, async () => {
    const packed = pack(encoding, "one");
    for (const garbage of ["garbage", "g", "\0\0\0", "\0".repeat(600), "B", "BZh"]) {
      const bytes = Buffer.concat([packed, Buffer.from(garbage), repeat(hex("0102"), 50_000)]);
      for (const sizes of [[bytes.length], [packed.length], [packed.length + 2, 3]]) {
        assert.equal((await decode(encoding, bytes, sizes)).toString(), "one\n");
      }
    }
    for (const length of [1, 2, 3, packed.length - 1]) {
      const bytes = Buffer.concat([packed, packed.subarray(0, length)]);
      await assert.rejects(decode(encoding, bytes), /unexpected end of the data/);
    }
  });
}

Deno.test("gzip: decode() ignores zeros after the last member, many of them as well", async () => {
  const bytes = Buffer.concat([gzipSync(Buffer.from("one\n")), new Uint8Array(70_000)]);
  assert.equal((await decode("gzip", bytes)).toString(), "one\n");
});
