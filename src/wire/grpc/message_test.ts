import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { ByteQueue } from "./byte_queue.ts";
import { DEFAULT_MAX_MESSAGE, MessageError, messagePrefix, MessageReader } from "./message.ts";
import {
  decodeDetails,
  detailsHeader,
  encodeDetails,
  MAX_METADATA,
  metadataSize,
  parseTimeout,
  statusOf,
} from "./status.ts";

for (const keep of [true, false]) {
  Deno.test(`MessageReader finds messages, however they are cut, ${keep ? "to keep" : "once"}`, () => {
    findsMessages(keep);
  });
}

function findsMessages(keep: boolean): void {
  const messages = fc.array(
    fc.oneof(fc.uint8Array({ maxLength: 500 }), fc.uint8Array({ maxLength: 20_000, size: "max" })),
    { maxLength: 10 },
  );
  const cuts = fc.infiniteStream(fc.oneof(fc.integer({ min: 1, max: 40 }), fc.nat(100_000)));
  fc.assert(
    fc.property(messages, cuts, (sent, cuts) => {
      const whole = concat(sent.flatMap((one) => [messagePrefix(one.length), one]));
      const reader = new MessageReader({ keep });
      const found: Uint8Array[] = [];
      for (let at = 0; at < whole.length;) {
        const end = at + Math.max(1, cuts.next().value as number);
        // A buffer that is used again, as those of sockets are.
        const piece = whole.slice(at, end);
        const read = reader.read(piece, (message) => {
          found.push(keep ? message : message.slice());
          return found.length % 3 !== 0;
        });
        assert.ok(read === piece.length || (found.length > 0 && found.length % 3 === 0));
        piece.fill(0xaa);
        at += read;
        assert.ok(reader.held <= 4 * at + 4_096);
      }
      assert.deepEqual(found, sent);
      assert.equal(reader.incomplete, false);
    }),
  );
}

function concat(parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

Deno.test("MessageReader takes memory for what has come, not for what was announced", () => {
  const reader = new MessageReader({ keep: true, max: 2 ** 31 });
  const none = () => true;
  reader.read(messagePrefix(2 ** 30), none);
  assert.equal(reader.held, 0);
  reader.read(new Uint8Array(100_000), none);
  assert.ok(reader.held <= 400_000);
  reader.drop();
  assert.equal(reader.held, 0);
});

Deno.test("MessageReader refuses what is compressed or too large before it comes", () => {
  const read = (bytes: Uint8Array, max?: number) => () =>
    new MessageReader({ keep: true, ...(max !== undefined && { max }) }).read(bytes, () => true);
  assert.throws(read(Uint8Array.of(1, 0, 0, 0, 0)), MessageError);
  read(messagePrefix(DEFAULT_MAX_MESSAGE))();
  assert.throws(
    read(messagePrefix(DEFAULT_MAX_MESSAGE + 1)),
    /Received message larger than max \(4194305 vs\. 4194304\)/,
  );
  read(messagePrefix(1_000), 1_000)();
  assert.throws(read(messagePrefix(1_001), 1_000), /\(1001 vs\. 1000\)/);
});

Deno.test("ByteQueue gives back what was put in, in little more memory", () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 3_000, size: "max" }), { maxLength: 60 });
  fc.assert(fc.property(pieces, fc.infiniteStream(fc.nat(2_000)), (pieces, steps) => {
    const queue = new ByteQueue();
    const out: Uint8Array[] = [];
    for (const piece of pieces) {
      queue.append(piece);
      assert.ok(queue.held <= 2 * queue.length + 64 * 1024 + 1024);
      queue.read((bytes) => {
        const part = bytes.slice(0, steps.next().value as number);
        out.push(part);
        return part.length;
      });
    }
    queue.read((bytes) => (out.push(bytes.slice()), bytes.length));
    assert.deepEqual(concat(out), concat(pieces));
    assert.deepEqual([queue.length, queue.held], [0, 0]);
  }));
});

Deno.test("ByteQueue uses its blocks again, and mixes no bytes", () => {
  const queues = [new ByteQueue(), new ByteQueue()];
  for (let round = 0; round < 20; round++) {
    const filled = queues.map((queue, index) => {
      const bytes = new Uint8Array(200_000).fill(2 * round + index);
      queue.append(bytes);
      return bytes;
    });
    queues.forEach((queue, index) => {
      const out: Uint8Array[] = [];
      queue.read((bytes) => (out.push(bytes.slice()), bytes.length));
      assert.deepEqual(concat(out), filled[index]);
    });
  }
});

Deno.test("details are cut to what a client takes, between characters", () => {
  const texts = fc.string({ unit: "binary", maxLength: 1_500, size: "max" });
  fc.assert(fc.property(texts, fc.integer({ min: 120, max: MAX_METADATA }), (details, room) => {
    const [name, value] = detailsHeader(details, room);
    assert.ok(metadataSize([[name, value]]) <= room);
    // Whole escapes that make whole characters.
    const read = decodeURIComponent(value);
    if (metadataSize([[name, encodeDetails(details)]]) <= room) {
      // Halves of surrogate pairs cannot be sent.
      return assert.equal(read, details.toWellFormed());
    }
    assert.match(read, / \.\.\. \[\d+ characters left out\] \.\.\. /);
  }));
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
