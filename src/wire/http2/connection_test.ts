import assert from "node:assert/strict";
import fc from "fast-check";
import { Flag, Reason, reasonName, Type } from "./codes.ts";
import { PREFACE } from "./frame_reader.ts";
import type { Header } from "./header_table.ts";
import { frame, Heard, Side, talk } from "./testing.ts";

const REQUEST: Header[] = [[":method", "POST"], [":scheme", "http"], [":path", "/a"]];
const RESPONSE: Header[] = [[":status", "200"]];
const SETTINGS = frame(Type.SETTINGS, 0, 0);
const { END_HEADERS, END_STREAM, ACK, PADDED, PRIORITY } = Flag;
/** `:method: POST`, `:scheme: http`, `:path: /` by their indexes. */
const BLOCK = [0x83, 0x86, 0x84];

function pair() {
  const [client, server] = [new Side("client"), new Side("server")];
  const open = () => {
    const stream = client.connection.open(REQUEST);
    return { stream, heard: new Heard(stream) };
  };
  return { client, server, open };
}

/** A server that was told `bytes` after a client's greeting. */
function told(...bytes: number[][]): Side {
  const server = new Side("server");
  let rest = new Uint8Array([...PREFACE, ...SETTINGS, ...bytes.flat()]);
  while (rest.length > 0) rest = rest.subarray(server.connection.receive(rest));
  return server;
}

/** The frames in bytes, as `[type, flags, stream, payload]`. */
function frames(bytes: Uint8Array): [number, number, number, number[]][] {
  const found: [number, number, number, number[]][] = [];
  for (let at = 0; at < bytes.length;) {
    const length = bytes[at]! << 16 | bytes[at + 1]! << 8 | bytes[at + 2]!;
    const payload = [...bytes.subarray(at + 9, at + 9 + length)];
    found.push([bytes[at + 3]!, bytes[at + 4]!, bytes[at + 8]!, payload]);
    at += 9 + length;
  }
  return found;
}

Deno.test("bytes arrive whole and in order, however the wire cuts them", () => {
  const chunk = fc.uint8Array({ maxLength: 40_000 });
  const bodies = fc.array(fc.array(chunk, { maxLength: 4 }), { minLength: 1, maxLength: 5 });
  const cuts = fc.infiniteStream(fc.oneof(fc.integer({ min: 1, max: 12 }), fc.constant(9_000)));
  fc.assert(
    fc.property(bodies, cuts, (sent, sizes) => {
      const { client, server, open } = pair();
      const cut = () => sizes.next().value as number;
      const calls = sent.map((body) => {
        const call = open();
        call.stream.write(...body);
        call.stream.end();
        return call;
      });
      talk(client, server, cut);
      server.accepted.forEach(({ stream, heard }) => {
        stream.headers(RESPONSE);
        stream.write(Uint8Array.from(heard.bytes.slice(0, 50_000)));
        stream.end([["grpc-status", "0"]]);
      });
      talk(client, server, cut);
      sent.forEach((body, index) => {
        const { heard } = calls[index]!;
        const expected = body.flatMap((part) => [...part]);
        const there = server.accepted[index]!.heard;
        assert.equal(there.length, expected.length);
        assert.deepEqual(there.bytes, expected.slice(0, there.bytes.length));
        assert.deepEqual(heard.bytes, there.bytes.slice(0, 50_000));
        assert.deepEqual(heard.lists, [RESPONSE, [["grpc-status", "0"]]]);
        assert.ok(heard.ended && there.ended);
      });
      assert.equal(client.connection.streams + server.connection.streams, 0);
    }),
    { numRuns: 40 },
  );
});

Deno.test("a whole answer leaves in one piece: headers, data, trailers", () => {
  const { client, server, open } = pair();
  const { stream } = open();
  stream.end();
  talk(client, server);
  const answer = server.accepted[0]!.stream;
  answer.headers(RESPONSE);
  answer.write(new Uint8Array([1]), new Uint8Array([2, 3]));
  answer.end([["grpc-status", "0"]]);
  const types = frames(server.say()).map(([type, flags, id]) => [type, flags, id]);
  assert.deepEqual(types, [
    [Type.HEADERS, END_HEADERS, 1],
    [Type.DATA, 0, 1],
    [Type.HEADERS, END_HEADERS | END_STREAM, 1],
  ]);
});

Deno.test("data waits for the windows, and goes on when they open", () => {
  const { client, server, open } = pair();
  const { stream, heard } = open();
  talk(client, server);
  server.accepted[0]!.heard.greedy = false;
  const size = 6 * 1024 * 1024;
  stream.write(new Uint8Array(size));
  talk(client, server);
  const there = server.accepted[0]!;
  assert.equal(there.heard.length, 4 * 1024 * 1024);
  assert.equal(heard.drains, 0);
  there.stream.credit(3 * 1024 * 1024);
  talk(client, server);
  assert.equal(there.heard.length, size);
  assert.equal(heard.drains, 1);
});

Deno.test("writeNow() takes what there is room for, and drained() tells of more", () => {
  const { client, server, open } = pair();
  const { stream, heard } = open();
  talk(client, server);
  const there = server.accepted[0]!;
  there.heard.greedy = false;
  const size = 6 * 1024 * 1024;
  const bytes = new Uint8Array(size);
  let taken = stream.writeNow(bytes);
  assert.ok(taken > 0 && taken < 1024 * 1024, `${taken} bytes were taken at once`);
  heard.drained = () => taken += stream.writeNow(bytes.subarray(taken));
  talk(client, server);
  assert.deepEqual([taken, there.heard.length], [4 * 1024 * 1024, 4 * 1024 * 1024]);
  there.stream.credit(3 * 1024 * 1024);
  talk(client, server);
  assert.deepEqual([taken, there.heard.length], [size, size]);
});

Deno.test("a stream that waits for room can end", () => {
  const { client, server, open } = pair();
  const { stream } = open();
  talk(client, server);
  const there = server.accepted[0]!;
  there.heard.greedy = false;
  while (stream.writeNow(new Uint8Array(100_000)) > 0) talk(client, server);
  stream.end();
  talk(client, server);
  assert.ok(there.heard.ended);
});

Deno.test("a stream that nobody reads leaves the others alone", () => {
  const { client, server, open } = pair();
  const stuck = open();
  talk(client, server);
  server.accepted[0]!.heard.greedy = false;
  stuck.stream.write(new Uint8Array(16 * 1024 * 1024));
  talk(client, server);
  const other = open();
  other.stream.write(new Uint8Array(5_000_000));
  other.stream.end();
  talk(client, server);
  assert.equal(server.accepted[1]!.heard.length, 5_000_000);
});

Deno.test("padding counts for the windows, and comes back to them", () => {
  const server = told(frame(Type.HEADERS, END_HEADERS, 1, BLOCK));
  const padded = frame(Type.DATA, PADDED, 1, [250, 7, ...Array(250).fill(0)]);
  for (let round = 0; round < 40_000; round++) server.connection.receive(new Uint8Array(padded));
  assert.equal(server.error, undefined);
  assert.equal(server.accepted[0]!.heard.length, 40_000);
});

Deno.test("settings of the peer hold for streams that are open", () => {
  const server = told(frame(Type.HEADERS, END_HEADERS | END_STREAM, 1, BLOCK));
  const { stream } = server.accepted[0]!;
  stream.headers(RESPONSE);
  stream.write(new Uint8Array(100_000));
  server.say();
  assert.equal(stream.pendingBytes, 100_000 - 65_535);
  // INITIAL_WINDOW_SIZE 10 makes the window negative; an update of 65 535 fills the hole.
  server.connection.receive(new Uint8Array(frame(Type.SETTINGS, 0, 0, [0, 4, 0, 0, 0, 10])));
  server.connection.receive(new Uint8Array(frame(Type.WINDOW_UPDATE, 0, 0, [0, 1, 0, 0])));
  server.connection.receive(new Uint8Array(frame(Type.WINDOW_UPDATE, 0, 1, [0, 0, 255, 255])));
  server.say();
  assert.equal(stream.pendingBytes, 100_000 - 65_535 - 10);
});

Deno.test("settings, pings and unknown frames get what they are owed", () => {
  const server = told(
    frame(Type.PING, 0, 0, [1, 2, 3, 4, 5, 6, 7, 8]),
    frame(Type.PING, ACK, 0, Array(8).fill(0)),
    frame(Type.SETTINGS, 0, 0, [0xfe, 3, 0, 0, 0, 1]),
    frame(77, 255, 9, [1, 2, 3]),
    frame(Type.PRIORITY, 0, 5, Array(5).fill(0)),
  );
  const answers = frames(server.say()).slice(2);
  assert.deepEqual(answers, [
    [Type.SETTINGS, ACK, 0, []],
    [Type.PING, ACK, 0, [1, 2, 3, 4, 5, 6, 7, 8]],
    [Type.SETTINGS, ACK, 0, []],
  ]);
  assert.equal(server.error, undefined);
});

Deno.test("headers come in pieces, with padding and priority", () => {
  const padded = [2, 0, 0, 0, 0, 9, BLOCK[0]!, 0, 0];
  const server = told(
    frame(Type.HEADERS, PADDED | PRIORITY | END_STREAM, 1, padded),
    frame(Type.CONTINUATION, 0, 1, [BLOCK[1]!]),
    frame(Type.CONTINUATION, END_HEADERS, 1, [BLOCK[2]!]),
  );
  assert.deepEqual(server.accepted[0]!.heard.lists, [
    [[":method", "POST"], [":scheme", "http"], [":path", "/"]],
  ]);
  assert.ok(server.accepted[0]!.heard.ended);
});

Deno.test("headers beyond the peer's frames are continued", () => {
  const { client, server } = pair();
  const long: Header[] = [["long", "x".repeat(40_000)]];
  const stream = client.connection.open([...REQUEST, ...long]);
  new Heard(stream);
  talk(client, server);
  assert.deepEqual(server.accepted[0]!.heard.lists, [[...REQUEST, ...long]]);
});

Deno.test("goaway() lets open streams finish and takes no new ones", () => {
  const { client, server, open } = pair();
  const before = open();
  talk(client, server);
  server.connection.goaway();
  // These two cross on the wire.
  const crossing = open();
  talk(client, server);
  assert.equal(crossing.heard.resetReason, Reason.REFUSED_STREAM);
  assert.equal(client.connection.canOpen, false);
  server.accepted[0]!.stream.headers(RESPONSE, true);
  talk(client, server);
  assert.ok(before.heard.ended);
  assert.ok(client.idle && server.idle);
});

Deno.test("a reset reaches the other side, once", () => {
  const { client, server, open } = pair();
  const { stream, heard } = open();
  talk(client, server);
  stream.reset(Reason.CANCEL);
  talk(client, server);
  assert.equal(server.accepted[0]!.heard.resetReason, Reason.CANCEL);
  assert.equal(heard.resetReason, undefined);
  // What is still under way to a stream that is over is no mistake.
  server.accepted[0]!.stream.write(new Uint8Array(9));
  talk(client, server);
  assert.equal(client.error ?? server.error, undefined);
});

Deno.test("a server that answers before its client has ended asks it to stop", () => {
  const { client, server, open } = pair();
  const { stream, heard } = open();
  talk(client, server);
  server.accepted[0]!.stream.headers(RESPONSE, true);
  talk(client, server);
  assert.ok(heard.ended);
  assert.equal(stream.canSend, false);
  assert.equal(server.connection.streams, 0);
});

Deno.test("lost() tells every stream", () => {
  const { client, server, open } = pair();
  const { heard } = open();
  talk(client, server);
  client.connection.lost();
  assert.equal(heard.resetReason, Reason.CONNECT_ERROR);
  assert.equal(client.connection.canOpen, false);
});

const OPENED = frame(Type.HEADERS, END_HEADERS, 1, BLOCK);
const CLOSED = frame(Type.HEADERS, END_HEADERS | END_STREAM, 1, BLOCK);
const DATA = frame(Type.DATA, 0, 1, [1]);
/** In a list of frames: the server answers the first stream. */
const ANSWERED: number[] = [];
const P = Reason.PROTOCOL_ERROR;

/** A literal field that enters no table. */
function field(name: string, value: string): number[] {
  const bytes = (text: string) => [text.length, ...new TextEncoder().encode(text)];
  return [0, ...bytes(name), ...bytes(value)];
}

/** A request with a field more. */
function asking(name: string, value: string, flags: number = END_HEADERS): number[] {
  return frame(Type.HEADERS, flags, 1, [...BLOCK, ...field(name, value)]);
}

/** What ends the connection, and with which reason. */
const MISTAKES: Record<string, [reason: number, ...frames: number[][]]> = {
  "data on a stream that never was": [P, frame(Type.DATA, 0, 1, [1])],
  "a reset of a stream that never was": [P, frame(Type.RST_STREAM, 0, 1, [0, 0, 0, 8])],
  "a window for a stream that never was": [P, frame(Type.WINDOW_UPDATE, 0, 3, [0, 0, 0, 8])],
  "data on stream 0": [P, frame(Type.DATA, 0, 0, [1])],
  "headers on stream 0": [P, frame(Type.HEADERS, END_HEADERS, 0, BLOCK)],
  "headers on an even stream": [P, frame(Type.HEADERS, END_HEADERS, 2, BLOCK)],
  "settings on a stream": [P, frame(Type.SETTINGS, 0, 1)],
  "a ping on a stream": [P, frame(Type.PING, 0, 1, Array(8).fill(0))],
  "a push": [P, OPENED, frame(Type.PUSH_PROMISE, END_HEADERS, 1, [0, 0, 0, 2])],
  "a continuation of nothing": [P, OPENED, frame(Type.CONTINUATION, END_HEADERS, 1)],
  "a block that is interrupted": [
    P,
    frame(Type.HEADERS, 0, 1, BLOCK),
    frame(Type.PING, 0, 0, Array(8).fill(0)),
  ],
  "a block of another stream": [
    P,
    frame(Type.HEADERS, 0, 1, BLOCK),
    frame(Type.CONTINUATION, END_HEADERS, 3),
  ],
  "padding longer than data": [P, OPENED, frame(Type.DATA, PADDED, 1, [9, 1])],
  "padding longer than headers": [P, frame(Type.HEADERS, END_HEADERS | PADDED, 1, [9, 0x83])],
  "a window that grows by nothing": [P, frame(Type.WINDOW_UPDATE, 0, 0, [0, 0, 0, 0])],
  "a window of the connection beyond all": [
    Reason.FLOW_CONTROL_ERROR,
    frame(Type.WINDOW_UPDATE, 0, 0, [0x7f, 255, 255, 255]),
  ],
  "an initial window beyond all": [
    Reason.FLOW_CONTROL_ERROR,
    frame(Type.SETTINGS, 0, 0, [0, 4, 128, 0, 0, 0]),
  ],
  "a maximal frame below the least": [P, frame(Type.SETTINGS, 0, 0, [0, 5, 0, 0, 0, 1])],
  "push that is neither on nor off": [P, frame(Type.SETTINGS, 0, 0, [0, 2, 0, 0, 0, 2])],
  "settings of odd length": [Reason.FRAME_SIZE_ERROR, frame(Type.SETTINGS, 0, 0, [1])],
  "an acknowledgement with settings": [
    Reason.FRAME_SIZE_ERROR,
    frame(Type.SETTINGS, ACK, 0, [0, 4, 0, 0, 0, 1]),
  ],
  "a short ping": [Reason.FRAME_SIZE_ERROR, frame(Type.PING, 0, 0, [1])],
  "a short goaway": [Reason.FRAME_SIZE_ERROR, frame(Type.GOAWAY, 0, 0, [1])],
  "a frame that is too long": [
    Reason.FRAME_SIZE_ERROR,
    OPENED,
    frame(Type.DATA, 0, 1, [], 1024 * 1024 + 1),
  ],
  "headers that are no HPACK": [
    Reason.COMPRESSION_ERROR,
    frame(Type.HEADERS, END_HEADERS, 1, [0xff, 0xff]),
  ],
  "data on a stream that both have ended": [Reason.STREAM_CLOSED, CLOSED, ANSWERED, DATA],
  "headers on a stream that both have ended": [Reason.STREAM_CLOSED, CLOSED, ANSWERED, OPENED],
  "data on a stream that the peer has reset": [
    Reason.STREAM_CLOSED,
    OPENED,
    frame(Type.RST_STREAM, 0, 1, [0, 0, 0, 8]),
    DATA,
  ],
  "a stream with a number that was left out": [
    P,
    frame(Type.HEADERS, END_HEADERS, 5, BLOCK),
    frame(Type.HEADERS, END_HEADERS, 3, BLOCK),
  ],
  "headers without end": [
    Reason.ENHANCE_YOUR_CALM,
    frame(Type.HEADERS, 0, 1, BLOCK),
    ...Array.from({ length: 100 }, () => frame(Type.CONTINUATION, 0, 1)),
  ],
};

for (const [what, [reason, ...bytes]] of Object.entries(MISTAKES)) {
  Deno.test(`${what} ends the connection with ${reasonName(reason)}`, () => {
    const server = told();
    for (const part of bytes) {
      if (part === ANSWERED) server.accepted[0]!.stream.headers(RESPONSE, true);
      else server.connection.receive(new Uint8Array(part));
    }
    assert.equal(server.error?.reason, reason, String(server.error));
    const last = frames(server.say()).at(-1)!;
    assert.equal(last[0], Type.GOAWAY);
    assert.equal(last[3][7], reason);
  });
}

/** What ends its stream only. */
const BREACHES: Record<string, [reason: number, ...frames: number[][]]> = {
  "data after the end": [Reason.STREAM_CLOSED, CLOSED, frame(Type.DATA, 0, 1, [1])],
  "headers after the end": [Reason.STREAM_CLOSED, CLOSED, CLOSED],
  "headers amid data": [P, OPENED, OPENED],
  "a window of a stream that grows by nothing": [
    P,
    OPENED,
    frame(Type.WINDOW_UPDATE, 0, 1, [0, 0, 0, 0]),
  ],
  "a window of a stream beyond all": [
    Reason.FLOW_CONTROL_ERROR,
    OPENED,
    frame(Type.WINDOW_UPDATE, 0, 1, [0x7f, 255, 255, 255]),
  ],
  "a name in capitals": [P, frame(Type.HEADERS, END_HEADERS, 1, [0x40, 1, 65, 1, 66])],
  "a path twice": [P, frame(Type.HEADERS, END_HEADERS, 1, [...BLOCK, 0x84])],
  "no scheme": [P, frame(Type.HEADERS, END_HEADERS, 1, [0x83, 0x84])],
  "a pseudo-header of answers": [P, asking(":status", "200")],
  "a field of the connection": [P, asking("connection", "close")],
  "te that is no trailers": [P, asking("te", "gzip")],
  "a value with a line feed": [P, asking("a", "b\nc: d")],
  "trailers with a pseudo-header": [
    P,
    OPENED,
    frame(Type.HEADERS, END_HEADERS | END_STREAM, 1, [0x84]),
  ],
  "more data than its length": [P, asking("content-length", "2"), DATA, DATA, DATA],
  "less data than its length": [
    P,
    asking("content-length", "2"),
    frame(Type.DATA, END_STREAM, 1, [1]),
  ],
  "trailers before all of its length": [
    P,
    asking("content-length", "2"),
    frame(Type.HEADERS, END_HEADERS | END_STREAM, 1),
  ],
  "no data, with a length": [P, asking("content-length", "1", END_HEADERS | END_STREAM)],
  "a pseudo-header after others": [
    P,
    frame(Type.HEADERS, END_HEADERS, 1, [0x40, 1, 97, 1, 98, 0x83]),
  ],
};

for (const [what, [reason, ...bytes]] of Object.entries(BREACHES)) {
  Deno.test(`${what} ends the stream with ${reasonName(reason)}`, () => {
    const server = told(...bytes);
    assert.equal(server.error, undefined);
    const [type, , id, payload] = frames(server.say()).at(-1)!;
    assert.deepEqual([type, id, payload[3]], [Type.RST_STREAM, 1, reason]);
  });
}

Deno.test("a peer that asks and never reads is told to calm down", () => {
  const server = told();
  const pings = new Uint8Array(frame(Type.PING, 0, 0, Array(8).fill(0)));
  for (let round = 0; round < 100_000 && !server.error; round++) server.connection.receive(pings);
  assert.equal(server.error?.reason, Reason.ENHANCE_YOUR_CALM);
});

Deno.test("data as long as it was said to be is taken", () => {
  const end = frame(Type.DATA, END_STREAM, 1, [2]);
  const server = told(asking("content-length", "2"), DATA, end);
  const { heard } = server.accepted[0]!;
  assert.ok(heard.ended && heard.length === 2 && heard.resetReason === undefined);
});

Deno.test("what is under way to a stream that we have reset is no mistake", () => {
  const server = told(OPENED);
  server.accepted[0]!.stream.reset(Reason.CANCEL);
  const end = frame(Type.HEADERS, END_HEADERS | END_STREAM, 1);
  for (const bytes of [DATA, end]) server.connection.receive(new Uint8Array(bytes));
  assert.equal(server.error, undefined);
});

Deno.test("streams that were reset long ago end no connection", () => {
  const server = told();
  for (let id = 1; id < 6_000; id += 2) {
    server.connection.receive(new Uint8Array(frame(Type.HEADERS, END_HEADERS, id, BLOCK)));
    server.accepted.at(-1)!.stream.reset(Reason.CANCEL);
  }
  server.connection.receive(new Uint8Array(DATA));
  assert.equal(server.error, undefined);
});

/** A client with one open stream, told `bytes` after a server's greeting. */
function answered(...bytes: number[][]) {
  const client = new Side("client");
  const heard = new Heard(client.connection.open(REQUEST));
  client.say();
  client.connection.receive(new Uint8Array([...SETTINGS, ...bytes.flat()]));
  return { client, heard };
}

/** `:status: 200` by its index. */
const ANSWER = frame(Type.HEADERS, END_HEADERS, 1, [0x88]);

Deno.test("an answer that breaks a rule is told to whoever asked, with the rule", () => {
  const broken: Record<string, number[][]> = {
    "more than one :status": [frame(Type.HEADERS, END_HEADERS, 1, [0x88, 0x88])],
    "no :status": [frame(Type.HEADERS, END_HEADERS, 1, field("a", "b"))],
    "connection does not exist in HTTP/2": [
      frame(Type.HEADERS, END_HEADERS, 1, [0x88, ...field("connection", "close")]),
    ],
    "trailers that do not end the stream": [ANSWER, frame(Type.HEADERS, END_HEADERS, 1)],
    "':status' does not belong there": [
      ANSWER,
      frame(Type.HEADERS, END_HEADERS | END_STREAM, 1, [0x88]),
    ],
    "content-length is 3, and 1 bytes came": [
      frame(Type.HEADERS, END_HEADERS, 1, [0x88, ...field("content-length", "3")]),
      frame(Type.DATA, END_STREAM, 1, [1]),
    ],
  };
  for (const [why, bytes] of Object.entries(broken)) {
    const { client, heard } = answered(...bytes);
    assert.deepEqual([heard.resetReason, heard.why, client.error], [P, why, undefined]);
    const [type, , id, payload] = frames(client.say()).at(-1)!;
    assert.deepEqual([type, id, payload[3]], [Type.RST_STREAM, 1, P]);
  }
});

Deno.test("headers that come before the answer are passed over", () => {
  const early = frame(Type.HEADERS, END_HEADERS, 1, field(":status", "103"));
  const { heard } = answered(early, early, ANSWER, frame(Type.DATA, END_STREAM, 1, [1]));
  assert.deepEqual(heard.lists, [RESPONSE]);
  assert.ok(heard.ended);
});

const PING = frame(Type.PING, ACK, 0, Array(8).fill(0));

/** Frames that carry nothing, each of which may come a few times. */
const FLOODS: Record<string, number[]> = {
  pings: frame(Type.PING, 0, 0, Array(8).fill(0)),
  "answers to pings": PING,
  settings: SETTINGS,
  acknowledgements: frame(Type.SETTINGS, ACK, 0),
  priorities: frame(Type.PRIORITY, 0, 9, Array(5).fill(0)),
  "window updates": frame(Type.WINDOW_UPDATE, 0, 1, [0, 0, 0, 1]),
  "empty data": frame(Type.DATA, 0, 1),
  "data of padding": frame(Type.DATA, PADDED, 1, [3, 0, 0, 0]),
  "frames that nobody knows": frame(77, 0, 0, [1]),
  "malformed requests": [],
  "requests that are reset at once": [],
};

for (const [what, bytes] of Object.entries(FLOODS)) {
  Deno.test(`a flood of ${what} is told to calm down, and a peer that takes its time is not`, () => {
    let id = 1;
    const next = () => {
      if (bytes.length > 0) return new Uint8Array(bytes);
      id += 2;
      const malformed = what.startsWith("malformed");
      return new Uint8Array([
        ...frame(Type.HEADERS, END_HEADERS, id, malformed ? [0x83] : BLOCK),
        ...(malformed ? [] : frame(Type.RST_STREAM, 0, id, [0, 0, 0, 8])),
      ]);
    };
    const [flooded, patient] = [told(OPENED), told(OPENED)];
    for (let count = 0; count < 30_000; count++) {
      const sent = next();
      flooded.connection.receive(sent);
      patient.connection.receive(sent);
      flooded.say();
      patient.say();
      if (count % 5_000 === 0) patient.connection.refill();
    }
    assert.equal(flooded.error?.reason, Reason.ENHANCE_YOUR_CALM);
    assert.equal(patient.error, undefined);
  });
}

Deno.test("a peer may open its windows and ask for the round trip as data comes", () => {
  const server = told(OPENED, frame(Type.SETTINGS, 0, 0, [0, 4, 0x7f, 255, 255, 255]));
  const { stream } = server.accepted[0]!;
  const open = [
    ...frame(Type.WINDOW_UPDATE, 0, 0, [0, 0, 0, 100]),
    ...frame(Type.PING, 0, 0, Array(8).fill(0)),
  ];
  for (let count = 0; count < 30_000; count++) {
    stream.write(new Uint8Array(100));
    server.say();
    server.connection.receive(new Uint8Array(open));
  }
  assert.equal(server.error, undefined);
});

Deno.test("what is poured in is read in turns", () => {
  const server = told(OPENED);
  const pings = new Uint8Array(Array.from({ length: 5_000 }, () => PING).flat());
  const turns = [];
  for (let rest = pings; rest.length > 0; rest = rest.subarray(turns.at(-1))) {
    turns.push(server.connection.receive(rest));
  }
  assert.ok(turns.length > 1 && turns.length < 20, `${turns}`);
  assert.equal(server.error, undefined);
});

Deno.test("a change of the initial window costs the same, however many streams wait for one", () => {
  const server = told(...Array.from({ length: 1_000 }, (_, index) => {
    const id = 2 * index + 1;
    return frame(Type.HEADERS, END_HEADERS | END_STREAM, id, BLOCK);
  }));
  for (const { stream } of server.accepted) {
    stream.headers(RESPONSE);
    stream.write(new Uint8Array(100_000));
  }
  server.connection.receive(new Uint8Array(frame(Type.WINDOW_UPDATE, 0, 0, [0x7f, 0, 0, 0])));
  while (server.say().length > 0);
  const looks = { count: 0 };
  for (const { stream } of server.accepted) {
    let { sendOffset } = stream;
    Object.defineProperty(stream, "sendOffset", {
      get: () => (looks.count += 1, sendOffset),
      set: (value: number) => sendOffset = value,
    });
  }
  // Down and up again, 300 times in one frame: 600,000 windows if each were changed.
  const change = (size: number) => [0, 4, 0, 0, 0xff, size];
  const changes = Array.from({ length: 300 }, () => [...change(0xfe), ...change(0xff)]).flat();
  server.connection.receive(new Uint8Array(frame(Type.SETTINGS, 0, 0, changes)));
  server.say();
  assert.equal(server.error, undefined);
  assert.ok(looks.count < 5_000, `${looks.count} windows were looked at`);
});

Deno.test("more streams than allowed are refused, one by one", () => {
  const { client, server, open } = pair();
  const calls = Array.from({ length: 1100 }, open);
  talk(client, server);
  const refused = calls.filter(({ heard }) => heard.resetReason === Reason.REFUSED_STREAM);
  assert.equal(refused.length, 1100 - 1024);
  assert.equal(server.error, undefined);
});

Deno.test("what is no HTTP/2 ends the connection", () => {
  const server = new Side("server");
  server.connection.receive(new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n"));
  assert.equal(server.error?.reason, P);
  const late = new Side("server");
  late.connection.receive(
    new Uint8Array([...PREFACE, ...frame(Type.PING, 0, 0, Array(8).fill(0))]),
  );
  assert.equal(late.error?.reason, P);
});

Deno.test("any bytes leave the connection alive or ended, never broken", () => {
  const type = fc.integer({ min: 0, max: 10 });
  const flags = fc.integer({ min: 0, max: 255 });
  const id = fc.integer({ min: 0, max: 7 });
  const block = fc.constantFrom(BLOCK, [0x88], [], [0x40, 1, 97, 1, 98]);
  const payload = fc.oneof(block, fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 20 }));
  const length = fc.option(fc.integer({ min: 0, max: 40 }), { nil: undefined });
  const any = fc.tuple(type, flags, id, payload, length).map((parts) => frame(...parts));
  const sent = fc.array(fc.oneof(any, fc.constant(OPENED), fc.constant(CLOSED)), { maxLength: 40 });
  fc.assert(
    fc.property(sent, fc.constantFrom("server", "client"), (list, role) => {
      const side = new Side(role as "server" | "client");
      if (role === "server") side.connection.receive(PREFACE);
      else for (let count = 0; count < 3; count++) new Heard(side.connection.open(REQUEST));
      side.connection.receive(new Uint8Array(SETTINGS));
      for (const bytes of list) {
        side.connection.receive(new Uint8Array(bytes));
        for (const { stream } of side.accepted) {
          stream.headers(RESPONSE);
          stream.write(new Uint8Array(100));
          if (stream.id > 3) stream.end(RESPONSE);
        }
        side.say();
      }
      assert.notEqual(side.error?.reason, Reason.INTERNAL_ERROR, String(side.error));
    }),
    { numRuns: 500 },
  );
});
