import assert from "node:assert/strict";
import fc from "fast-check";
import { escapeIac, subnegotiation, TelnetDecoder, type TelnetEvent } from "./telnet.ts";

Deno.test("any bytes survive escapeIac() and a decoder that gets them in any pieces", () => {
  fc.assert(fc.property(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => bytes.map((byte) => byte > 200 ? 255 : byte)),
    fc.integer({ min: 1, max: 7 }),
    (bytes, size) => {
      const stream = [...escapeIac(bytes), ...subnegotiation(44, 255, 1), ...escapeIac(bytes)];
      const decoder = new TelnetDecoder();
      const data: number[] = [];
      const events: TelnetEvent[] = [];
      for (let at = 0; at < stream.length; at += size) {
        const decoded = decoder.push(Uint8Array.from(stream.slice(at, at + size)));
        data.push(...decoded.data);
        events.push(...decoded.events);
      }
      assert.deepEqual(data, [...bytes, ...bytes]);
      assert.deepEqual(events, [{ kind: "subnegotiation", bytes: Uint8Array.of(44, 255, 1) }]);
    },
  ));
});

Deno.test("a decoder separates options from data, and drops other commands", () => {
  const decoder = new TelnetDecoder();
  const decoded = decoder.push(Uint8Array.of(1, 255, 253, 44, 2, 255, 241, 3));
  assert.deepEqual([...decoded.data], [1, 2, 3]);
  assert.deepEqual(decoded.events, [{ kind: "option", verb: 253, option: 44 }]);
});
