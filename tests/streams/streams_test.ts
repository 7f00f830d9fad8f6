import assert from "node:assert/strict";
import type { DriverManifest } from "../../src/driver/manifest.ts";
import { messageOf } from "../../src/wire/error.ts";
import { udpNetwork } from "../../drivers/network/manifest.ts";
import { until } from "../until.ts";
import { WAYS } from "./cases.ts";
import { type Lab, serve } from "./lab.ts";

/** Serves the device of a way, whose stream a client has opened. */
async function withDevice(
  { manifest, device }: (typeof WAYS)[number],
  use: (lab: Lab, fault: () => PromiseLike<unknown> | void) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "jmp-streams-" });
  try {
    await using end = await device(dir);
    await using lab = await serve(manifest, end.config);
    await use(lab, () => end.fault?.());
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** What `jmp check` says of a driver, if it finds a problem. */
async function checked(manifest: DriverManifest, config: unknown): Promise<string | undefined> {
  const { probe } = await manifest.load();
  const { signal } = new AbortController();
  try {
    await probe?.({ config: await manifest.config.parseAsync(config), signal });
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

for (const way of WAYS) {
  const { kind, told } = way;
  Deno.test(`${kind}, ${way.way}: ${told ? "one warning" : "no warning"}`, async () => {
    await withDevice(way, async (lab, fault) => {
      const stream = lab.connect();
      const opened = stream.metadata.then(() => true, () => false);
      if (await opened) await fault();
      await Promise.race([stream.status, stream.goaway]);
      stream.end();
      await stream.status;
      const lines = lab.told();
      if (!told) return assert.deepEqual(lines, []);
      assert.equal(lines.length, 1, lines.join("\n"));
      assert.match(lines[0]!, told);
      assert.ok(lines[0]!.startsWith("warning device: "), lines.join());
      const sentence = await checked(way.manifest, lab.config);
      if (sentence !== undefined && !await opened) {
        assert.ok(lines[0]!.endsWith(sentence), sentence);
      }
    });
  });
}

for (const way of WAYS.filter(({ way }) => ["unplugged", "closed"].includes(way))) {
  for (const leave of ["cancel", "end"] as const) {
    Deno.test(`${way.kind}: no warning when the client leaves by ${leave}`, async () => {
      let told = () => [""];
      await withDevice(way, async (lab) => {
        told = lab.told;
        const stream = lab.connect();
        await stream.metadata;
        await stream.send("hello");
        stream[leave]();
        if (leave === "cancel") await stream.status;
      });
      assert.deepEqual(told(), []);
    });
  }
}

Deno.test("UDP: datagrams that are lost are told once, and counted at the end", async () => {
  const lab = await serve(udpNetwork, { host: "127.0.0.1", port: 9 });
  const stream = lab.connect();
  await stream.metadata;
  // Longer than any datagram.
  for (let sent = 0; sent < 50; sent++) await stream.send(new Uint8Array(66_000));
  await until(() => lab.told().length > 0);
  await lab[Symbol.asyncDispose]();
  const [first, more] = lab.told();
  assert.match(first!, /^warning device: lost a datagram of 66000 bytes: .*EMSGSIZE$/);
  assert.match(more!, /^warning device: lost \d+ more datagrams$/);
});
