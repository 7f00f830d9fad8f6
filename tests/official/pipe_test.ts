import assert from "node:assert/strict";
import { succeeds } from "./client.ts";
import { openSite } from "./site.ts";
import { localSocket, until } from "./transports.ts";

// Only here, because with a passphrase the official client loses its own writes and may wait for ever
// for the exporter to end the stream, with the official exporter, too.
Deno.test("j serial pipe --no-output leaves once all it was given is on the line", async () => {
  await using site = await openSite();
  await using connection = await localSocket.connect(site);
  const { env, shell } = connection;
  const sent = "setenv bootdelay 0\nreset\n";
  await succeeds(
    site.client.run(shell("j", "sink", "pipe", "--no-output"), { env, stdin: sent }),
  );
  const received = () => {
    try {
      return Deno.readTextFileSync(`${site.dir}/sink`);
    } catch {
      return "";
    }
  };
  await until(() => received().length >= sent.length, () => `${sent}, found ${received()}`);
  assert.equal(received(), sent);
});
