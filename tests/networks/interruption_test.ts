/** Middleboxes that forget or close connections, and addresses that change, around a held lease. */
import assert from "node:assert/strict";
import { FAST_KEEPALIVE } from "../faults/lab.ts";
import { pause } from "../faults/fault.ts";
import { NetworkLab, writeHosts } from "./lab.ts";
import { OUTSIDE, SECOND } from "./middlebox.ts";

/** A lease with an idle connection of an official client. */
async function held() {
  const lab = await NetworkLab.start({ grpcOptions: FAST_KEEPALIVE });
  try {
    await lab.available();
    const client = await lab.official();
    await client.lease();
    await client.hold();
    return { lab, client, [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose]() };
  } catch (error) {
    await lab[Symbol.asyncDispose]();
    throw error;
  }
}

type Held = Awaited<ReturnType<typeof held>>;

/** How a call ends on the held connection of the official client. */
const LOST = /the connection was closed|UNAVAILABLE|TimeoutError/;

/** The lease goes on as the same one, and the exporter serves the next one as well. */
async function goesOn({ lab, client }: Held): Promise<void> {
  await client.works();
  assert.equal(lab.controller.store.leases.size, 1);
  await client.release();
  await lab.available();
  await client.lease();
  await client.works();
  await client.release();
  await lab.available();
}

Deno.test("Connections that are idle outlive a NAT that forgets them after three keepalives", async () => {
  await using rig = await held();
  const { lab, client } = rig;
  await lab.box.forgetAfter(3);
  const { length } = lab.controller.front.negotiated;
  await pause(8_000);
  await client.use();
  await client.drop();
  assert.equal(lab.controller.front.negotiated.length, length, "no connection was made anew");
  assert.doesNotMatch(lab.exporter.tail(), /WARNING/);
  await goesOn(rig);
});

Deno.test("A NAT that has forgotten every connection costs the held one, and not the lease", async () => {
  await using rig = await held();
  const { lab, client } = rig;
  await lab.box.forgetAfter(1);
  await lab.box.fault("drop");
  await lab.exporter.line(/Status failed/);
  await lab.box.heal();
  await lab.box.forgetAfter(600);
  await assert.rejects(client.use(), LOST);
  await goesOn(rig);
  assert.match(lab.exporter.tail(), /Status works again/);
});

Deno.test("A middlebox that resets every connection costs the held one, and not the lease", async () => {
  await using rig = await held();
  const { lab, client } = rig;
  await lab.box.fault("meta l4proto tcp reject with tcp reset");
  await lab.exporter.line(/Status failed/);
  await lab.exporter.line(/WARNING .* A tunnel through controller\.site\.test:\d+ broke/);
  await lab.box.heal();
  await assert.rejects(client.use(), LOST);
  await goesOn(rig);
});

Deno.test("A middlebox that closes every connection costs the held one, and not the lease", async () => {
  await using rig = await held();
  const { lab, client } = rig;
  lab.controller.front.cut();
  lab.controller.router.front.cut();
  await lab.exporter.line(/WARNING .* A tunnel through controller\.site\.test:\d+ broke/);
  await assert.rejects(client.use(), LOST);
  await goesOn(rig);
});

Deno.test("An exporter whose address changes serves the lease from the new one", async () => {
  await using rig = await held();
  const { lab } = rig;
  await lab.box.roam();
  await goesOn(rig);
});

Deno.test("An exporter whose interface was down keeps the lease", async () => {
  await using rig = await held();
  const { lab } = rig;
  await lab.box.link("down");
  await lab.exporter.line(/Status failed/);
  await lab.box.link("up");
  await goesOn(rig);
});

Deno.test("An exporter follows the controller's name to another address", async () => {
  await using rig = await held();
  const { lab } = rig;
  await lab.box.fault(`ct original ip daddr ${OUTSIDE} drop`);
  await writeHosts(lab.dir, [SECOND]);
  await goesOn(rig);
});
