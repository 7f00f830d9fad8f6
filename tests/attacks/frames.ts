/** Floods of frames, and invalid headers. @module */
import { Flag, Reason, Setting, Type } from "../../src/wire/http2/codes.ts";
import { pause } from "../faults/fault.ts";
import type { Attack, Scale } from "./attack.ts";
import { frame, headerBlock, join, message, repeat, settings } from "./bytes.ts";
import type { Peer } from "./peer.ts";
import type { Target } from "./target.ts";

const NOTHING = new Uint8Array();

/** Sends while the exporter reads, for a bounded time. @returns whether it was cut off */
async function pour(peer: Peer, pieces: Iterable<Uint8Array>, forMs = 20_000): Promise<boolean> {
  const end = Date.now() + forMs;
  try {
    for (const piece of pieces) {
      if (peer.closed || Date.now() > end) break;
      await peer.send(piece);
    }
  } catch {
    // The exporter has closed the connection.
  }
  await peer.until(() => peer.closed, 500);
  return peer.closed;
}

/** A flood of `of(count)` frames at a time. */
function flood(name: string, of: (at: number, peer: Peer, target: Target) => Uint8Array): Attack {
  return {
    name: `flood-${name}`,
    async run(target, scale) {
      using peer = await target.peer();
      const rounds = scale.pick(300, 30);
      const cut = await pour(
        peer,
        function* (): Iterable<Uint8Array> {
          for (let at = 0; at < rounds; at++) yield of(at, peer, target);
        }(),
      );
      return cut ? `cut off: ${peer.goaway}` : `${rounds} portions taken`;
    },
  };
}

/** Opens as many streams as a connection may have, each with an unfinished call. */
async function manyStreams(peer: Peer, { proof }: Target, count: number): Promise<void> {
  const calls = [];
  for (let at = 0; at < count; at++) {
    const id = peer.next();
    calls.push(peer.call(id, "LogStream", proof));
    calls.push(frame(Type.DATA, Flag.END_STREAM, id, message(NOTHING)));
  }
  await peer.send(...calls);
}

const windowChanges: Attack = {
  name: "window-changes",
  async run(target, scale) {
    using peer = await target.peer();
    await manyStreams(peer, target, 1_000);
    const pairs = Array.from(
      { length: 2_700 },
      (_, at) => [Setting.INITIAL_WINDOW_SIZE, at % 2 === 0 ? 65_535 : 65_534] as const,
    );
    const rounds = scale.pick(60, 20);
    const cut = await pour(peer, Array.from({ length: rounds }, () => settings(pairs)));
    return `1000 streams, ${rounds} times 2700 changes${cut ? `, cut off: ${peer.goaway}` : ""}`;
  },
};

const headerTable: Attack = {
  name: "header-tables",
  async run(target, scale) {
    using peer = await target.peer();
    // Literals with indexing, and references to all of them.
    const churn = join(
      ...Array.from(
        { length: 3_000 },
        (_, at) => Uint8Array.of(0x40, 1, 97 + at % 26, 1, 97 + Math.floor(at / 26) % 26),
      ),
    );
    const references = repeat(Uint8Array.of(0xbe), 16_000);
    const cut = await pour(
      peer,
      function* (): Iterable<Uint8Array> {
        for (let at = 0; at < scale.pick(300, 40); at++) {
          const call = headerBlock([[":method", "POST"], [":path", "/x"]]);
          const block = join(call, at % 2 === 0 ? churn : references);
          yield frame(Type.HEADERS, Flag.END_HEADERS | Flag.END_STREAM, peer.next(), block);
        }
      }(),
    );
    return cut ? `cut off: ${peer.goaway}` : "taken";
  },
};

const continuations: Attack = {
  name: "continuations",
  async run(target, scale) {
    const seen = [];
    for (const part of [NOTHING, Uint8Array.of(0x10, 1, 97, 1, 98)]) {
      using peer = await target.peer();
      await peer.send(frame(Type.HEADERS, 0, 1, NOTHING));
      const portion = repeat(frame(Type.CONTINUATION, 0, 1, part), 500);
      const cut = await pour(peer, Array.from({ length: scale.pick(200, 40) }, () => portion));
      if (!cut) throw new Error("a header block without an end was taken");
      seen.push(peer.goaway);
    }
    return `cut off: ${seen[0]}`;
  },
};

/** Requests that are malformed by RFC 9113 §8, or not gRPC. */
const STRANGE: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  "two paths": [[":path", "/a"], ...call()],
  "an unknown pseudo field": [[":strange", "x"], ...call()],
  "no scheme": call({ ":scheme": undefined }),
  "no path": call({ ":path": undefined }),
  "an empty path": call({ ":path": "" }),
  "a pseudo field after others": [...call({ ":path": undefined }), [":path", "/a"]],
  "connection: close": [...call(), ["connection", "close"]],
  "transfer-encoding": [...call(), ["transfer-encoding", "chunked"]],
  "te: gzip": call({ te: "gzip" }),
  "a wrong content-length": [...call(), ["content-length", "7"]],
  "a name in capitals": [...call(), ["X-Strange", "x"]],
  "a value with a line break": [...call(), ["x-strange", "a\r\nb"]],
};

function call(changes: Record<string, string | undefined> = {}) {
  const fields: Record<string, string | undefined> = {
    ":method": "POST",
    ":scheme": "http",
    ":path": "/jumpstarter.v1.ExporterService/GetReport",
    ":authority": "exporter",
    "content-type": "application/grpc",
    te: "trailers",
    ...changes,
  };
  return Object.entries(fields).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const]
  );
}

const strangeHeaders: Attack = {
  name: "strange-headers",
  async run(target) {
    for (const [name, fields] of Object.entries(STRANGE)) {
      using peer = await target.peer();
      const block = headerBlock([...fields, ...target.proof]);
      await peer.send(
        frame(Type.HEADERS, Flag.END_HEADERS, 1, block),
        frame(Type.DATA, Flag.END_STREAM, 1, message(NOTHING)),
      );
      const { status, reset } = await peer.answer(1);
      if (status === "0") throw new Error(`${name}: expected an error, found status 0`);
      if (status === undefined && reset !== Reason.PROTOCOL_ERROR) {
        throw new Error(`${name}: expected PROTOCOL_ERROR, found ${reset}`);
      }
    }
    return `${Object.keys(STRANGE).length} malformed requests, each refused`;
  },
};

function rapidReset(method: string): Attack {
  return flood(
    `resets-of-${method}`,
    (_, peer, { proof }) =>
      join(...Array.from({ length: 100 }, () => {
        const id = peer.next();
        const cancel = Uint8Array.of(0, 0, 0, Reason.CANCEL);
        return join(peer.call(id, method, proof), frame(Type.RST_STREAM, 0, id, cancel));
      })),
  );
}

const connections = (scale: Scale, { way }: Target) =>
  way === "unix"
    ? scale.pick(20_000, 2_000)
    : way === "tls"
    ? scale.pick(2_000, 200)
    : scale.pick(300, 30);

const connectAndClose: Attack = {
  name: "connect-and-close",
  async run(target, scale) {
    const count = connections(scale, target);
    let late = 0;
    for (let at = 0; at < count; at++) {
      try {
        (await target.wire()).close();
      } catch {
        // The system's backlog of connections is full; waits a little.
        if (++late > count) throw new Error("nobody is accepted any more");
        await pause(1);
      }
    }
    return `${count} connections that said nothing, of which ${late} came too fast`;
  },
};

/** In the order in which they run. */
export const frames: readonly Attack[] = [
  windowChanges,
  headerTable,
  continuations,
  strangeHeaders,
  rapidReset("GetReport"),
  rapidReset("LogStream"),
  flood("pings", () => repeat(frame(Type.PING, 0, 0, new Uint8Array(8)), 500)),
  flood("settings", () => repeat(settings([]), 500)),
  flood("priorities", (at) => {
    const payload = Uint8Array.of(0, 0, 0, 0, 16);
    return repeat(frame(Type.PRIORITY, 0, 2 * at + 1, payload), 500);
  }),
  flood("empty-data", (at, peer, { proof }) => {
    const data = repeat(frame(Type.DATA, 0, 1, NOTHING), 500);
    return at === 0 ? join(peer.call(1, "GetReport", proof), data) : data;
  }),
  flood("window-updates", () => {
    return repeat(frame(Type.WINDOW_UPDATE, 0, 0, Uint8Array.of(0, 0, 0, 1)), 500);
  }),
  flood("unknown-frames", () => repeat(frame(0x55, 0, 0, new Uint8Array(20)), 500)),
  connectAndClose,
];
