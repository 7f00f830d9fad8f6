import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { certificates } from "../../../tests/controller/tls.ts";
import { call, get, text } from "./presigned_testing.ts";

async function refused(pair: "future" | "otherCa"): Promise<string> {
  const { certPem: cert, keyPem: key } = (await certificates())[pair];
  const server = createServer({ cert, key }, (_request, response) => response.end("image"));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  using resources = call();
  try {
    await text(await resources.read(get(`https://localhost:${port}/image?sig=secret`)));
    assert.fail("it was downloaded");
  } catch (error) {
    return (error as Error).message;
  } finally {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
}

Deno.test("download() says what is wrong with the certificate of a server, and what to do", async () => {
  assert.match(
    await refused("otherCa"),
    /^Cannot download https:\/\/localhost:\d+\/image\?\[REDACTED\]: its certificate is not signed by the system's certificates \(CN=other-ca is issued by CN=test other\); let the certificates that this host trusts contain/,
  );
  assert.match(
    await refused("future"),
    /: its certificate is not valid yet: it is valid from 2099-01-01T00:00:00Z, and the clock of this host says 20\S+Z; set the clock/,
  );
});
