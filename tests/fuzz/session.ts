/** A real session in this process, and conversations with it that no client would have. @module */
import { manifests } from "../../drivers/mod.ts";
import { parseConfig } from "../../src/config/parse.ts";
import { createRegistry } from "../../src/driver/manifest.ts";
import { driverUuid } from "../../src/tree/uuid.ts";
import { LeaseSession } from "../../src/exporter/lease_session.ts";
import { ExporterStore } from "../../src/exporter/store.ts";
import { Log } from "../../src/log/log.ts";
import { ExporterStatus } from "../../src/wire/gen/jumpstarter/v1/common.ts";
import { Flag, Reason, Setting, Type } from "../../src/wire/http2/codes.ts";
import type { Link, LinkListener } from "../../src/wire/net/link.ts";
import {
  announce,
  driverCall,
  field,
  frame,
  headerBlock,
  join,
  settings,
} from "../attacks/bytes.ts";
import type { Random } from "./random.ts";
import type { Subject } from "./subject.ts";

const identity = { namespace: "lab", name: "fuzzed" };
const CONFIG = `
apiVersion: jumpstarter.dev/v1alpha1
kind: ExporterConfig
metadata: { namespace: lab, name: fuzzed }
export:
  power: { type: jumpstarter_driver_power.driver.MockPower }
  echo: { type: jumpstarter_driver_network.driver.EchoNetwork }
  serial: { type: jumpstarter_driver_pyserial.driver.PySerial, config: { url: "loop://" } }
  storage:
    type: jumpstarter_driver_opendal.driver.Opendal
    config: { scheme: memory, kwargs: {} }
  flasher: { type: jumpstarter_driver_opendal.driver.MockFlasher }
`;

/** Opens the session that all conversations are held with. */
export async function openSession(): Promise<LeaseSession> {
  const { config } = await parseConfig(CONFIG, "fuzzed.yaml", {
    registry: createRegistry(manifests),
    loader: { find: () => Promise.resolve(undefined) },
    env: {},
  });
  const opened = new LeaseSession({
    config: config!,
    lease: { name: "fuzzed", client: "" },
    log: new Log([]),
    store: new ExporterStore(config!),
    onEndSession: () => ({ success: true, message: "" }),
  });
  opened.session.status.set(ExporterStatus.EXPORTER_STATUS_LEASE_READY, "Ready");
  return opened;
}

/** A connection in memory: what is fed to it, the session reads. */
class MemoryLink implements Link {
  #listener: LinkListener | undefined;
  #closed = false;

  start(listener: LinkListener): void {
    this.#listener = listener;
  }

  /** The bytes that the session sent. */
  readonly said: Uint8Array[] = [];

  write(bytes: Uint8Array): undefined {
    this.said.push(bytes.slice());
  }

  feed(bytes: Uint8Array): void {
    if (!this.#closed) this.#listener?.bytes(bytes);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#listener?.closed();
  }
}

/** Turns of the event loop that are enough for answers without waits. */
const TURNS = 20;

const PREFACE = new TextEncoder().encode("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
const SERVICE = "/jumpstarter.v1.ExporterService/";
const STREAM = "/jumpstarter.v1.RouterService/Stream";
const METHODS = [
  "GetReport",
  "GetStatus",
  "DriverCall",
  "StreamingDriverCall",
  "LogStream",
  "Reset",
];
const DRIVERS = ["power", "echo", "serial", "storage", "flasher"].map((name) =>
  driverUuid(identity, name)
);
const NAMES = [
  "on",
  "off",
  "read",
  "connect",
  "open",
  "stat",
  "flash",
  "dump",
  "list",
  "constructor",
];

/** Sends a conversation in random pieces and disconnects. @returns all answers */
async function hold(
  { session }: LeaseSession,
  random: Random,
  bytes: Uint8Array,
): Promise<Uint8Array> {
  const link = new MemoryLink();
  session.serve(link);
  for (const piece of random.pieces(bytes)) {
    link.feed(piece);
    if (random.chance(0.02)) await Promise.resolve();
  }
  for (let turn = 0; turn < TURNS; turn++) await Promise.resolve();
  link.close();
  return join(...link.said);
}

/** A valid conversation. @returns all answers */
export function honest(session: LeaseSession, random: Random): Promise<Uint8Array> {
  return hold(session, random, conversation("DriverCall", framed(driverCall(DRIVERS[0]!, "on"))));
}

/** One call, from the first byte of its connection on. */
function conversation(method: string, body: Uint8Array): Uint8Array {
  return join(
    ...[PREFACE, settings([[Setting.INITIAL_WINDOW_SIZE, 1 << 20]])],
    frame(Type.HEADERS, Flag.END_HEADERS, 1, call(SERVICE + method)),
    frame(Type.DATA, Flag.END_STREAM, 1, body),
  );
}

function call(path: string, extra: readonly (readonly [string, string])[] = []): Uint8Array {
  return headerBlock([
    [":method", "POST"],
    [":scheme", "http"],
    [":path", path],
    [":authority", "x"],
    ["content-type", "application/grpc"],
    ["te", "trailers"],
    ...extra,
  ]);
}

/** A random google.protobuf.Value. */
function value(random: Random, depth = 0): Uint8Array {
  const inner = () => depth > 4 ? new Uint8Array() : value(random, depth + 1);
  const some = (count: number) => join(...Array.from({ length: random.below(count) }, inner));
  switch (random.below(6)) {
    case 0:
      return field(3, random.pick(["", "wb", "a/b", "../x", "é", "__proto__", "\u0000"]));
    case 1:
      return field(6, join(...Array.from({ length: random.below(4) }, () => field(1, inner()))));
    case 2:
      return field(5, field(1, join(field(1, random.pick(["k", "__proto__"])), field(2, inner()))));
    case 3:
      return Uint8Array.of(0x11, ...random.bytes(8));
    case 4:
      return Uint8Array.of(8, 0);
    default:
      return some(3);
  }
}

function request(random: Random): Uint8Array {
  const args = Array.from({ length: random.below(4) }, () => value(random));
  return driverCall(random.pick(DRIVERS), random.pick(NAMES), ...args);
}

function framed(body: Uint8Array, length = body.length, compressed = 0): Uint8Array {
  return join(announce(length, compressed), body);
}

/** A message whose length prefix may be wrong. */
function misframed(random: Random, body: Uint8Array): Uint8Array {
  const length = random.chance(0.9) ? body.length : random.pick([0, 1, 2 ** 22, 2 ** 32 - 1]);
  return framed(body, length, random.chance(0.95) ? 0 : 1);
}

/** One frame of a conversation, valid or not. */
function someFrame(random: Random): Uint8Array {
  const id = 2 * random.below(4) + (random.chance(0.9) ? 1 : 0);
  const flags = random.pick([0, Flag.END_STREAM, Flag.END_HEADERS, 5, Flag.PADDED, 255]);
  switch (random.below(10)) {
    case 0:
    case 1:
    case 2: {
      const path = random.chance(0.2) ? STREAM : SERVICE + random.pick(METHODS);
      const block = random.mutate(call(path));
      return frame(Type.HEADERS, flags | Flag.END_HEADERS, id, block);
    }
    case 3:
    case 4:
      return frame(Type.DATA, flags, id, misframed(random, random.mutate(request(random))));
    case 5:
      return settings([[random.below(8), random.pick([0, 1, 65_535, 2 ** 31 - 1, 2 ** 32 - 1])]]);
    case 6:
      return frame(Type.WINDOW_UPDATE, flags, id, random.bytes(random.chance(0.9) ? 4 : 3));
    case 7:
      return frame(Type.RST_STREAM, 0, id, Uint8Array.of(0, 0, 0, Reason.CANCEL));
    case 8:
      return frame(Type.CONTINUATION, flags, id, random.bytes(random.below(20)));
    default:
      return frame(random.below(12), flags, random.pick([0, id]), random.bytes(random.below(40)));
  }
}

/** Conversations of frames. */
export function framesOf(session: LeaseSession): Subject {
  return {
    name: "frames",
    weight: 4,
    async converse(random) {
      const count = 1 + random.below(12);
      const frames = Array.from({ length: count }, () => someFrame(random));
      const bytes = join(PREFACE, settings([]), ...frames);
      await hold(session, random, random.chance(0.5) ? random.mutate(bytes) : bytes);
    },
  };
}

/** Valid calls with malformed messages. */
export function messagesOf(session: LeaseSession): Subject {
  return {
    name: "messages",
    weight: 3,
    async converse(random) {
      const body = misframed(random, random.mutate(request(random)));
      await hold(session, random, conversation(random.pick(METHODS), body));
    },
  };
}

/** Streams of drivers and resources with malformed frames. */
export function routerFramesOf(session: LeaseSession): Subject {
  return {
    name: "router-frames",
    weight: 2,
    async converse(random) {
      const wanted = random.chance(0.3)
        ? { kind: "resource", uuid: random.pick(DRIVERS), x_jmp_content_encoding: "gzip" }
        : { kind: "driver", uuid: random.pick(DRIVERS), method: "connect" };
      const text = JSON.stringify(wanted);
      const asked = random.chance(0.9)
        ? text
        : new TextDecoder("latin1").decode(random.mutate(new TextEncoder().encode(text)));
      const frames = Array.from({ length: 1 + random.below(5) }, () => {
        const type = Uint8Array.of(0x10, random.pick([0, 3, 6, 7, 9, 127]));
        const payload = join(field(1, random.bytes(random.below(30))), type);
        return frame(Type.DATA, 0, 1, misframed(random, random.mutate(payload)));
      });
      const head = frame(Type.HEADERS, Flag.END_HEADERS, 1, call(STREAM, [["request", asked]]));
      await hold(session, random, join(PREFACE, settings([]), head, ...frames));
    },
  };
}
