/** Clients that exhaust shared resources, or have no right to connect. @module */
import { pause, within } from "../faults/fault.ts";
import type { Attack } from "./attack.ts";
import type { Target } from "./target.ts";
import { callDriver } from "./uploads.ts";
import type { Wire } from "./wire.ts";

/** The default of systemd for services. */
const USUAL_DESCRIPTORS = 1_024;

/** A new client must be able to connect now. */
async function newcomer(target: Target): Promise<number> {
  const start = performance.now();
  for (const end = Date.now() + 20_000;;) {
    try {
      await using client = await target.client({ connectMs: 5_000 });
      await client.report({ timeoutMs: 5_000 });
      return performance.now() - start;
    } catch (error) {
      if (Date.now() > end) throw new Error(`no client can connect: ${(error as Error).message}`);
    }
  }
}

/** Opens `count` connections by `open`, while a new client tries to connect. */
function holding(name: string, open: (target: Target) => Promise<Wire>): Attack {
  return {
    name,
    ways: ["unix", "tls"],
    descriptors: USUAL_DESCRIPTORS,
    async run(target) {
      const held: Wire[] = [];
      try {
        for (let at = 0; at < 1_100; at++) {
          // A connection that is refused counts as held.
          const wire = await within(open(target), 2_000, "Cannot connect").catch(() => undefined);
          if (wire) held.push(wire);
          else if (at > 1_050) break;
        }
        const ms = await newcomer(target);
        return `${held.length} connections held; a newcomer got in after ${Math.round(ms)} ms`;
      } finally {
        for (const wire of held) wire.close();
      }
    },
  };
}

const openFiles: Attack = {
  name: "open-files",
  async run(target, scale) {
    const count = scale.pick(1_000, 200);
    const client = await target.client();
    let opened = 0;
    try {
      await callDriver(target, client, "storage", "create_dir", "many/");
      for (let at = 0; at < count; at++) {
        await callDriver(target, client, "storage", "open", `many/${at}`, "wb");
        opened += 1;
      }
    } catch {
      // The exporter may limit them.
    }
    await client[Symbol.asyncDispose]();
    return `${opened} files opened by a client that left`;
  },
};

const wrongPassphrases: Attack = {
  name: "wrong-passphrases",
  ways: ["tls"],
  async run(target, scale) {
    const count = scale.pick(2_000, 200);
    const lines = () => target.log.split("\n").length;
    const before = lines();
    using peer = await target.peer();
    const ids: number[] = [];
    for (let at = 0; at < count; at++) {
      const guess: [string, string] = ["x-jumpstarter-passphrase", `guess-${at}`];
      ids.push(await peer.start("GetReport", new Uint8Array(), [guess]));
      if (peer.closed) break;
    }
    await peer.until(() => peer.closed || ids.every((id) => peer.answers.has(id)), 20_000);
    const ins = [...peer.answers.values()].filter(({ status }) => status === "0").length;
    if (ins > 0) throw new Error(`${ins} wrong passphrases were taken`);
    await pause(500);
    const said = lines() - before;
    if (said === 0) throw new Error("the log says nothing of it");
    if (said > 100) throw new Error(`the log has ${said} lines of it`);
    if (/guess-\d/.test(target.log)) throw new Error("the log holds what was guessed");
    return `${ids.length} wrong passphrases, ${said} lines in the log`;
  },
};

/** In the order in which they run. */
export const strangers: readonly Attack[] = [
  holding("idle-connections", async (target) => {
    const wire = await target.wire();
    await wire.write(new TextEncoder().encode("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
    return wire;
  }),
  holding("silent-connections", (target) => target.plainWire()),
  openFiles,
  wrongPassphrases,
];
