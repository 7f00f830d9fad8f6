import assert from "node:assert/strict";
import {
  brotliCompressSync,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from "node:zlib";
import { contentDecoder, UnknownCoding } from "./content_coding.ts";

const IMAGE = Buffer.concat([
  Buffer.from("image ".repeat(9_000)),
  crypto.getRandomValues(new Uint8Array(9)),
]);

/** What each coding makes of the image; `deflate` has two forms in use. */
const CODED: readonly (readonly [string, Uint8Array])[] = [
  ["gzip", gzipSync(IMAGE)],
  ["X-GZip", gzipSync(IMAGE)],
  ["GZIP", gzipSync(IMAGE)],
  ["deflate", deflateSync(IMAGE)],
  ["deflate", deflateRawSync(IMAGE)],
  ["br", brotliCompressSync(IMAGE)],
  ["zstd", zstdCompressSync(IMAGE)],
  ["gzip, br", brotliCompressSync(gzipSync(IMAGE))],
  [" gzip ,identity,, zstd ", zstdCompressSync(gzipSync(IMAGE))],
];

async function decode(header: string, bytes: Uint8Array, size = 1 << 20) {
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += size) {
      yield await Promise.resolve(bytes.slice(at, at + size));
    }
  }
  const noted: number[] = [];
  const decoded = contentDecoder(header)!(pieces(), (count) => noted.push(count));
  return { content: Buffer.concat(await Array.fromAsync(decoded)), noted };
}

Deno.test("contentDecoder() decodes every coding of HTTP, several one after the other, in chunks of any size", async () => {
  for (const [header, bytes] of CODED) {
    for (const size of [1, 7, 1 << 20]) {
      const { content, noted } = await decode(header, bytes, size);
      assert.ok(content.equals(IMAGE), header);
      assert.deepEqual(noted, []);
    }
  }
});

Deno.test("contentDecoder() counts bytes behind the content, and refuses content that is cut or damaged", async () => {
  for (const [header, bytes] of CODED.filter(([header]) => !header.includes(","))) {
    const { content, noted } = await decode(header, Buffer.concat([bytes, Buffer.from("\0tail")]));
    assert.ok(content.equals(IMAGE), header);
    assert.deepEqual(noted, [5], header);
    for (const length of [0, 1, bytes.length >> 1, bytes.length - 1]) {
      await assert.rejects(decode(header, bytes.subarray(0, length)), {
        name: "InvalidArgument",
        message: /^Cannot decompress the image: expected whole \w+ data, found: /,
      });
    }
  }
});

Deno.test("contentDecoder() leaves plain content alone, and refuses codings that it does not know", () => {
  for (const header of ["", "identity", "Identity, identity", "aws-chunked"]) {
    assert.equal(contentDecoder(header), undefined);
  }
  for (const header of ["exi", "compress", "gzip, exi", "gzip;q=1", "gzip,gzip,gzip,gzip,gzip"]) {
    assert.throws(() => contentDecoder(header), (error: Error) => {
      assert.ok(error instanceof UnknownCoding);
      assert.ok(error.message.includes(`found '${header}'; let the server send`), error.message);
      return true;
    });
  }
});
