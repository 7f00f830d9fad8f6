import assert from "node:assert/strict";

/**
 * Idle connections whose server goes away, one after the other, in a process that may
 * crash. Without the guard it does so at the latest after some 50 rounds.
 */
const PROGRAM = `
  import { credentials, makeGenericClientConstructor, Server, ServerCredentials } from "npm:@grpc/grpc-js@1.14.7";
  import "GUARD";
  import { RouterServiceService } from "ROUTER";
  const RouterServiceClient = makeGenericClientConstructor(RouterServiceService, "Router");
  const options = { "grpc.use_local_subchannel_pool": 1, "grpc.enable_http_proxy": 0 };
  for (let round = 0; round < 200; round++) {
    const server = new Server();
    server.addService(RouterServiceService, { stream: (call) => call.end() });
    const port = await new Promise((resolve, reject) => {
      const bound = (error, port) => error ? reject(error) : resolve(port);
      server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), bound);
    });
    const clients = Array.from({ length: 4 }, () => {
      return new RouterServiceClient("127.0.0.1:" + port, credentials.createInsecure(), options);
    });
    await Promise.all(clients.map((client) => new Promise((resolve) => {
      const stream = client.stream();
      stream.on("data", () => {});
      stream.on("error", resolve);
      stream.on("end", resolve);
      stream.end();
    })));
    // GOAWAY comes in peace, or with an error code.
    if (round % 2 === 0) await new Promise((resolve) => server.tryShutdown(resolve));
    else server.forceShutdown();
    await new Promise((resolve) => setTimeout(resolve, 2));
    for (const client of clients) client.close();
  }
  Deno.exit(0);
`;

Deno.test("a peer that says GOAWAY to an idle connection does not crash the process", async () => {
  const file = await Deno.makeTempFile({ suffix: ".js" });
  try {
    const here = (name: string) => new URL(name, import.meta.url).href;
    const program = PROGRAM.replace("GUARD", here("./http2_guard.ts"))
      .replace("ROUTER", here("../gen/jumpstarter/v1/router.ts"));
    await Deno.writeTextFile(file, program);
    const config = new URL("../../../deno.json", import.meta.url).pathname;
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", "--config", config, file],
    }).output();
    assert.equal(code, 0, new TextDecoder().decode(stderr));
  } finally {
    await Deno.remove(file);
  }
});
