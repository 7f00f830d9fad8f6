import assert from "node:assert/strict";
import { connect } from "node:net";
import { channelCredentials } from "./credentials.ts";

Deno.test("channelCredentials() give up a TLS handshake that is never answered", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const target = { scheme: "dns", path: `127.0.0.1:${port}` };
  const connector = channelCredentials({ insecure: true }, { handshakeMs: 50 })
    ._createSecureConnector(target, {});
  const socket = connect({ host: "127.0.0.1", port });
  using silent = await listener.accept();
  await assert.rejects(connector.connect(socket), /no answer within 0\.05 s/);
  while (await silent.read(new Uint8Array(4_096)) !== null) { /* What was said in vain. */ }
});
