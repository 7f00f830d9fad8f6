import assert from "node:assert/strict";
import fc from "fast-check";
import { ConnectionError, Reason } from "./codes.ts";
import { HeaderDecoder } from "./header_decoder.ts";
import { HeaderEncoder } from "./header_encoder.ts";
import { type Header, sizeOf } from "./header_table.ts";
import { Output } from "./output.ts";

function fromHex(text: string): Uint8Array {
  return Uint8Array.fromHex(text.replace(/\s/g, ""));
}

function encode(encoder: HeaderEncoder, headers: readonly Header[]): Uint8Array {
  const out = new Output();
  encoder.encode(headers, out);
  return out.take();
}

/** RFC 7541 Appendix C: blocks that follow each other, and what they say. */
const EXAMPLES: Record<string, [hex: string, headers: Header[]][]> = {
  "C.4, requests with Huffman coding": [
    ["8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff", [
      [":method", "GET"],
      [":scheme", "http"],
      [":path", "/"],
      [":authority", "www.example.com"],
    ]],
    ["8286 84be 5886 a8eb 1064 9cbf", [
      [":method", "GET"],
      [":scheme", "http"],
      [":path", "/"],
      [":authority", "www.example.com"],
      ["cache-control", "no-cache"],
    ]],
    ["8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf", [
      [":method", "GET"],
      [":scheme", "https"],
      [":path", "/index.html"],
      [":authority", "www.example.com"],
      ["custom-key", "custom-value"],
    ]],
  ],
  "C.2.2 and C.2.3, literals that are not indexed": [
    ["040c 2f73 616d 706c 652f 7061 7468", [[":path", "/sample/path"]]],
    ["1008 7061 7373 776f 7264 0673 6563 7265 74", [["password", "secret"]]],
  ],
};

for (const [title, blocks] of Object.entries(EXAMPLES)) {
  Deno.test(`HeaderDecoder reads RFC 7541 ${title}`, () => {
    const decoder = new HeaderDecoder(65_536);
    for (const [hex, headers] of blocks) {
      const size = headers.reduce((sum, header) => sum + sizeOf(header), 0);
      assert.deepEqual(decoder.decode(fromHex(hex)), { headers, size, tooLarge: false });
    }
  });
}

const name = fc.stringMatching(/^[a-z0-9-]{1,20}$/);
const value = fc.oneof(
  fc.constantFrom("", "application/grpc", "0", "a".repeat(300)),
  fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 200 })
    .map((codes) => String.fromCharCode(...codes)),
);
const list = fc.array(fc.tuple(name, value), { maxLength: 12 });
const step = fc.oneof(
  { weight: 5, arbitrary: list.map((headers) => ({ headers })) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 8192 }).map((resize) => ({ resize })) },
);

Deno.test("HeaderDecoder reads what HeaderEncoder writes, whatever came before", () => {
  fc.assert(fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
    const encoder = new HeaderEncoder();
    const decoder = new HeaderDecoder(1 << 20);
    for (const one of steps) {
      if ("resize" in one) encoder.resize(one.resize);
      else {
        assert.deepEqual(decoder.decode(encode(encoder, one.headers)).headers, one.headers);
      }
    }
  }));
});

Deno.test("HeaderEncoder says a repeated header in one byte", () => {
  const encoder = new HeaderEncoder();
  const headers: Header[] = [[":status", "200"], ["content-type", "application/grpc"]];
  encode(encoder, headers);
  assert.equal(encode(encoder, headers).length, 2);
});

Deno.test("HeaderEncoder keeps no secrets in its table", () => {
  const encoder = new HeaderEncoder();
  const headers: Header[] = [["authorization", "Bearer secret"]];
  assert.deepEqual(encode(encoder, headers), encode(encoder, headers));
  assert.equal(encode(encoder, headers)[0]! >> 4, 1, "never indexed");
});

Deno.test("HeaderDecoder cuts a list that is too large, and stays in step", () => {
  const encoder = new HeaderEncoder();
  const decoder = new HeaderDecoder(200);
  const long: Header[] = [["a", "x".repeat(100)], ["b", "y".repeat(100)], ["c", "z"]];
  assert.equal(decoder.decode(encode(encoder, long)).tooLarge, true);
  assert.deepEqual(decoder.decode(encode(encoder, long.slice(1, 2))).headers, long.slice(1, 2));
});

const BROKEN: Record<string, string> = {
  "an index of nothing": "be",
  "index 0": "80",
  "a literal that is cut off": "400a 6375",
  "a number that never ends": "ffff ffff ffff ffff ff",
  "a number that is cut off": "ff ff",
  "padding of more than seven bits": "0085 f2b2 4a84 ff",
  "a table larger than offered": "3fe2 1f",
  "a table's size within a block": "82 20",
  "padding that is not ones": "0081 00",
  "the end of string as a symbol": "0084 ffff fffc 00",
};

for (const [what, hex] of Object.entries(BROKEN)) {
  Deno.test(`HeaderDecoder refuses ${what}`, () => {
    assert.throws(
      () => new HeaderDecoder(65_536).decode(fromHex(hex)),
      (error) => error instanceof ConnectionError && error.reason === Reason.COMPRESSION_ERROR,
    );
  });
}

Deno.test("HeaderDecoder survives any bytes", () => {
  fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 5 }), (blocks) => {
    const decoder = new HeaderDecoder(65_536);
    try {
      for (const block of blocks) decoder.decode(block);
    } catch (error) {
      assert.ok(error instanceof ConnectionError);
    }
  }));
});
