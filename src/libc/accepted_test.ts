import assert from "node:assert/strict";
import { listenPrivately } from "../files/socket.ts";
import { NEIGHBOUR, testFolder } from "../files/testing.ts";
import { AcceptedPeers } from "./accepted.ts";
import "./testing.ts";

/** Connects as another user, and stays until it is disposed. */
function neighbourAt(path: string): AsyncDisposable & { readonly pid: number } {
  const program = `await Deno.connect({ transport: "unix", path: ${JSON.stringify(path)} });
    setTimeout(() => {}, 60_000);`;
  const child = new Deno.Command("setpriv", {
    args: [
      ...[`--reuid=${NEIGHBOUR}`, `--regid=${NEIGHBOUR}`, "--clear-groups"],
      ...[Deno.execPath(), "eval", "--no-lock", program],
    ],
    cwd: "/",
    env: { DENO_DIR: "/proc/none" },
  }).spawn();
  return {
    pid: child.pid,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.status;
    },
  };
}

Deno.test("AcceptedPeers tells who has connected, one by one", async () => {
  assert.equal(Deno.uid(), 0, "this test acts for two users: run it as root");
  await using dir = await testFolder(0o755);
  const path = `${dir.path}/socket`;
  using listener = listenPrivately(path, { group: NEIGHBOUR });
  // Bound to a path of the same form, and with a connection of its own.
  using other = listenPrivately(`${dir.path}/other`);
  const peers = new AcceptedPeers((listener.addr as Deno.UnixAddr).path);
  const self = { pid: Deno.pid, uid: 0 };

  using _mine = await Deno.connect({ transport: "unix", path });
  using _stranger = await Deno.connect({ transport: "unix", path: `${dir.path}/other` });
  using _accepted = await other.accept();
  const first = await listener.accept();
  assert.deepEqual(peers.newest(), self);

  await using neighbour = neighbourAt(path);
  using _second = await listener.accept();
  assert.deepEqual(peers.newest(), { pid: neighbour.pid, uid: NEIGHBOUR });

  // The descriptor of one that was closed is used again.
  first.close();
  using _again = await Deno.connect({ transport: "unix", path });
  using _third = await listener.accept();
  assert.deepEqual(peers.newest(), self);
  assert.equal(peers.newest(), undefined, "nobody has connected since");
});
