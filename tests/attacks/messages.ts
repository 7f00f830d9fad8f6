/** Messages that are only announced, unfinished, huge, or expensive to read. @module */
import { Flag, Reason, Type } from "../../src/wire/http2/codes.ts";
import type { Attack } from "./attack.ts";
import { announce, driverCall, field, frame, join, message, repeat } from "./bytes.ts";
import type { Answer } from "./peer.ts";
import type { Target } from "./target.ts";

const MIB = 1024 * 1024;
/** The longest message that official exporters accept, which is gRPC's default. */
const LONGEST = 4 * MIB;

/** An answer as text for the table. */
function told({ status, text = "", reset }: Answer): string {
  return status === undefined ? `reset ${reset}` : `${status} (${text.slice(0, 40)})`;
}

/** Requires an error as the answer. @throws {Error} if the call succeeded */
function refused(answer: Answer): string {
  if (answer.status === "0") throw new Error("expected an error, found status 0 (OK)");
  return told(answer);
}

/** Sends one message on a connection of its own. @returns the answer */
async function tell(target: Target, method: string, body: Uint8Array): Promise<Answer> {
  using peer = await target.peer();
  return await peer.answer(await peer.start(method, body, target.proof));
}

const announced: Attack = {
  name: "announced-messages",
  async run(target, scale) {
    const count = scale.pick(200, 100);
    using peer = await target.peer();
    for (const length of [64 * MIB - 1, LONGEST - 1]) {
      for (let at = 0; at < count; at++) await peer.announce("GetReport", length, target.proof);
    }
    await peer.until(() => peer.closed, 2_000);
    return `${2 * count} messages of 64 and 4 MiB announced, none sent`;
  },
};

const withoutPassphrase: Attack = {
  name: "announced-without-passphrase",
  ways: ["tls"],
  async run(target, scale) {
    const count = scale.pick(200, 100);
    using peer = await target.peer();
    const ids: number[] = [];
    for (let at = 0; at < count; at++) ids.push(await peer.announce("GetReport", LONGEST - 1));
    await peer.until(() => peer.closed || ids.every((id) => peer.answers.has(id)), 20_000);
    const answers = [...peer.answers.values()];
    // Guesses beyond the limit of a connection are not even compared.
    const strange = answers.find(({ status, reset }) =>
      status === undefined ? reset !== Reason.REFUSED_STREAM : status !== "16"
    );
    if (strange) throw new Error(`expected status 16, found ${told(strange)}`);
    const refusal = answers.find(({ status }) => status === "16");
    if (!refusal) throw new Error("expected status 16, found no such answer");
    return `${count} refused calls announced 4 MiB each: ${told(refusal)}`;
  },
};

const unfinished: Attack = {
  name: "unfinished-messages",
  async run(target, scale) {
    const [streams, mib] = [scale.pick(64, 24), 3.9];
    using peer = await target.peer();
    const part = repeat(new Uint8Array(16_384), 4);
    const ids = [];
    for (let at = 0; at < streams; at++) {
      ids.push(await peer.announce("GetReport", LONGEST - 1, target.proof));
    }
    let sent = 0;
    const patience = scale.pick(300, 100);
    for (let round = 0; round < mib * 16 && !peer.closed; round++) {
      for (const id of ids) sent += await peer.data(id, part, false, patience);
    }
    return `${Math.round(sent / MIB)} MiB taken of ${streams} unfinished messages`;
  },
};

const longTexts: Attack = {
  name: "long-texts",
  async run(target, scale) {
    const count = scale.pick(1_900_000, 1_000_000);
    const seen = [];
    for (const letter of ["é", "x", "😀", "\u0001"]) {
      const text = letter.repeat(Math.min(count, Math.floor(LONGEST * 0.9 / byteLength(letter))));
      seen.push(refused(await tell(target, "DriverCall", driverCall(text, "on"))));
      const power = target.uuids.get("power")!;
      seen.push(refused(await tell(target, "DriverCall", driverCall(power, text))));
      const storage = target.uuids.get("storage")!;
      const path = driverCall(storage, "stat", field(3, text));
      seen.push(refused(await tell(target, "DriverCall", path)));
    }
    return `${seen.length} calls with texts of MBs: ${seen[0]}`;
  },
};

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

const longMetadata: Attack = {
  name: "long-metadata",
  async run(target) {
    const seen = [];
    const path = "/jumpstarter.v1.RouterService/Stream";
    for (const text of ["é".repeat(3_000), "[".repeat(6_000), `{"kind":"${"x".repeat(6_000)}"}`]) {
      using peer = await target.peer();
      const id = peer.next();
      await peer.send(peer.call(id, path, [...target.proof, ["request", text]]));
      seen.push(refused(await peer.answer(id)));
    }
    return `${seen.length} requests of long JSON: ${seen[0]}`;
  },
};

/** A Value with a list of `count` empty structs. */
function emptyStructs(count: number): Uint8Array {
  const empty = field(1, field(5, new Uint8Array()));
  return field(6, repeat(empty, count));
}

const emptyValues: Attack = {
  name: "empty-structs",
  async run(target, scale) {
    const storage = target.uuids.get("storage")!;
    const count = Math.floor(LONGEST * 0.95 / 4);
    const body = driverCall(storage, "stat", emptyStructs(count));
    const many = scale.pick(8, 3);
    const answers = await Promise.all(
      Array.from({ length: many }, () => tell(target, "DriverCall", body)),
    );
    const args = join(driverCall(storage, "stat"), repeat(field(3, new Uint8Array()), 200_000));
    answers.push(await tell(target, "DriverCall", args));
    return `${many} messages of ${count} structs: ${answers.map(refused)[0]}`;
  },
};

/** Lists in lists, or structs in structs. */
function nested(depth: number, wrap: (inner: Uint8Array) => Uint8Array): Uint8Array {
  let value: Uint8Array = new Uint8Array();
  for (let at = 0; at < depth; at++) value = wrap(value);
  return value;
}

const deepValues: Attack = {
  name: "deep-values",
  async run(target) {
    const storage = target.uuids.get("storage")!;
    const list = (inner: Uint8Array) => field(6, field(1, inner));
    const struct = (inner: Uint8Array) => field(5, field(1, join(field(1, "k"), field(2, inner))));
    const group = repeat(Uint8Array.of(0x0b), 100_000);
    const seen = [];
    for (const depth of [200, 5_000]) {
      for (const wrap of [list, struct]) {
        const body = driverCall(storage, "stat", nested(depth, wrap));
        seen.push(refused(await tell(target, "DriverCall", body)));
      }
    }
    seen.push(refused(await tell(target, "DriverCall", group)));
    return `${seen.length} messages: ${seen[0]}`;
  },
};

const refusedCalls: Attack = {
  name: "data-of-refused-calls",
  async run(target, scale) {
    using peer = await target.peer();
    const megabyte = repeat(new Uint8Array(16_384), 64);
    let sent = 0;
    for (let at = 0; at < scale.pick(50, 10); at++) {
      const id = peer.next();
      await peer.send(peer.call(id, "/no.such/Method", target.proof));
      sent += await peer.data(id, join(announce(LONGEST - 1), megabyte), false, 200);
      refused(await peer.answer(id));
    }
    return `${Math.round(sent / MIB)} MiB sent to calls that were refused`;
  },
};

const strangeMessages: Attack = {
  name: "strange-messages",
  async run(target) {
    const bodies: Record<string, Uint8Array> = {
      "two messages": join(message(new Uint8Array()), message(new Uint8Array())),
      "a compressed one": join(announce(1, 1), Uint8Array.of(7)),
      "a cut one": join(announce(5), Uint8Array.of(1, 2)),
      "one over the limit": announce(0xffffffff),
      none: new Uint8Array(),
      garbage: message(repeat(Uint8Array.of(0xff), 50)),
      "no UTF-8": message(field(1, Uint8Array.of(0xff, 0xfe))),
      "a length without end": message(Uint8Array.of(10, 255, 255, 255, 255, 127)),
    };
    using peer = await target.peer();
    const seen = [];
    for (const [name, body] of Object.entries(bodies)) {
      const id = peer.next();
      await peer.send(
        peer.call(id, "DriverCall", target.proof),
        frame(Type.DATA, Flag.END_STREAM, id, body),
      );
      seen.push(`${name}: ${refused(await peer.answer(id))}`);
    }
    return seen.join(", ");
  },
};

/** In the order in which they run. */
export const messages: readonly Attack[] = [
  announced,
  withoutPassphrase,
  unfinished,
  longTexts,
  longMetadata,
  emptyValues,
  deepValues,
  refusedCalls,
  strangeMessages,
];
