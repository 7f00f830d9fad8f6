import assert from "node:assert/strict";
import fc from "fast-check";
import { MAX_MESSAGE, MessageError, messagePrefix, MessageReader } from "./message.ts";
import { decodeDetails, encodeDetails, parseTimeout, statusOf } from "./status.ts";

for (const keep of [true, false]) {
  Deno.test(`MessageReader finds messages, however they are cut, ${keep ? "to keep" : "once"}`, () => {
    findsMessages(keep);
  });
}

function findsMessages(keep: boolean): void {
  const messages = fc.array(fc.uint8Array({ maxLength: 500 }), { maxLength: 10 });
  fc.assert(
    fc.property(messages, fc.infiniteStream(fc.integer({ min: 1, max: 40 })), (sent, cuts) => {
      const whole = Uint8Array.from(sent.flatMap((one) => [...messagePrefix(one.length), ...one]));
      const reader = new MessageReader({ keep });
      const found: Uint8Array[] = [];
      for (let at = 0; at < whole.length;) {
        const end = at + (cuts.next().value as number);
        // A buffer that is used again, as those of sockets are.
        const piece = whole.slice(at, end);
        reader.read(piece, (message) => found.push(keep ? message : message.slice()));
        piece.fill(0xaa);
        at = end;
      }
      assert.deepEqual(found, sent);
      assert.equal(reader.incomplete, false);
    }),
  );
}

Deno.test("MessageReader refuses what is compressed or too large before it comes", () => {
  const read = (bytes: Uint8Array) => () => new MessageReader({ keep: true }).read(bytes, () => {});
  assert.throws(read(Uint8Array.of(1, 0, 0, 0, 0)), MessageError);
  assert.throws(
    read(messagePrefix(MAX_MESSAGE + 1)),
    /expected at most 67108864 bytes, found 67108865/,
  );
});

Deno.test("details survive the way through a header", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), (details) => {
    assert.equal(decodeDetails(encodeDetails(details)), details);
    assert.match(encodeDetails(details), /^[ -~]*$/);
  }));
  assert.equal(decodeDetails("100% of it"), "100% of it");
});

Deno.test("parseTimeout() knows every unit, and nothing else", () => {
  const cases = { "1H": 3_600_000, "2M": 120_000, "5S": 5_000, "20m": 20, "1000u": 1 };
  for (const [text, ms] of Object.entries(cases)) assert.equal(parseTimeout(text), ms);
  for (const text of ["", "5", "S", "-1S", "123456789S", "5 S"]) {
    assert.equal(parseTimeout(text), undefined);
  }
});

Deno.test("statusOf() makes do with peers that speak no gRPC", () => {
  assert.deepEqual(statusOf([[":status", "503"]]), {
    code: 14,
    details: "expected a gRPC status, found HTTP status 503",
  });
  assert.equal(statusOf([["grpc-status", "99"]]).code, 2);
});
