/** Who is let in by a passphrase, over the wire. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { connect } from "node:http2";
import { credentials, Metadata } from "@grpc/grpc-js";
import { ExporterServiceClient } from "../wire/grpc_js/clients.ts";
import { Code } from "../wire/error.ts";
import { serveDrivers, type ServedSession } from "./testing.ts";

const PASSPHRASE = "open sesame";
const REFUSAL = { code: Code.UNAUTHENTICATED, details: "invalid or missing passphrase" };

function metadata(...given: string[]): Metadata {
  const result = new Metadata();
  for (const text of given) result.add("x-jumpstarter-passphrase", text);
  return result;
}

function getStatus(client: ExporterServiceClient, ...given: string[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    client.getStatus({}, metadata(...given), (error, answer) => {
      error ? reject(error) : resolve(answer);
    });
  });
}

interface Guarded extends AsyncDisposable {
  readonly served: ServedSession;
  readonly port: number;
  /** A client with a connection of its own. */
  client(): ExporterServiceClient;
}

async function guarded(): Promise<Guarded> {
  const stack = new AsyncDisposableStack();
  const served = stack.use(await serveDrivers({}, { passphrase: PASSPHRASE }));
  const port = await served.session.listen({ hostname: "127.0.0.1", port: 0 });
  return {
    served,
    port,
    client() {
      const address = `127.0.0.1:${port}`;
      // Clients of one process share connections unless they are told not to.
      const options = { "grpc.use_local_subchannel_pool": 1 };
      const client = new ExporterServiceClient(address, credentials.createInsecure(), options);
      stack.defer(() => client.close());
      return client;
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

Deno.test("a passphrase is asked of every call, known or unknown", async () => {
  await using bench = await guarded();
  const { exporter, router } = bench.served;
  await getStatus(exporter, PASSPHRASE);
  const stream = new Promise((_, reject) => router.stream(metadata("no")).on("error", reject));
  const unknown = new Promise((_, reject) =>
    exporter.makeUnaryRequest("/x.Y/Z", () => Buffer.alloc(0), () => 0, {}, reject)
  );
  const refused = [
    getStatus(exporter),
    getStatus(exporter, "Open sesame"),
    getStatus(exporter, ""),
    getStatus(exporter, PASSPHRASE, PASSPHRASE),
    stream,
    unknown,
  ];
  await Promise.all(refused.map((call) => assert.rejects(call, REFUSAL)));
  await getStatus(exporter, PASSPHRASE);
});

Deno.test("a refused call is told in the log by method and address, never by what was sent", async () => {
  await using bench = await guarded();
  await assert.rejects(getStatus(bench.client(), "guessed"), REFUSAL);
  await assert.rejects(getStatus(bench.served.exporter), REFUSAL);
  const lines = bench.served.records.map(({ severity, message }) => `${severity} ${message}`);
  const words = "warning authentication failed: invalid or missing passphrase for method " +
    "/jumpstarter\\.v1\\.ExporterService/GetStatus from";
  assert.match(lines[0]!, new RegExp(`^${words} 127\\.0\\.0\\.1:\\d+$`));
  assert.match(lines[1]!, new RegExp(`^${words} a Unix socket$`));
  assert.doesNotMatch(lines.join("\n"), /guessed|sesame/);
});

Deno.test("wrong passphrases are answered late, and right ones before them", async () => {
  await using bench = await guarded();
  const answered: string[] = [];
  const friend = bench.client();
  await getStatus(friend, PASSPHRASE);
  const start = performance.now();
  const wrong = Array.from({ length: 40 }, async () => {
    await assert.rejects(getStatus(bench.client(), "guessed"), REFUSAL);
    answered.push("wrong");
  });
  await new Promise((resolve) => setTimeout(resolve, 300));
  await getStatus(friend, PASSPHRASE);
  answered.push("right");
  await Promise.all(wrong);
  assert.equal(answered[0], "right");
  assert.ok(performance.now() - start >= 990);
});

Deno.test("a connection that guesses again and again is closed, once it has its answers", async () => {
  await using bench = await guarded();
  const session = connect(`http://127.0.0.1:${bench.port}`);
  session.on("error", () => {});
  const closed = new Promise<void>((resolve) => session.on("close", resolve));
  const statuses: string[] = [];
  for (let call = 0; call < 100; call++) {
    const stream = session.request({
      ":method": "POST",
      ":path": "/jumpstarter.v1.ExporterService/GetStatus",
      "content-type": "application/grpc",
      "x-jumpstarter-passphrase": `guess ${call}`,
    });
    stream.on("response", (headers) => statuses.push(String(headers["grpc-status"])));
    stream.on("error", () => {});
    stream.end();
  }
  await closed;
  assert.deepEqual(statuses, Array(8).fill(String(Code.UNAUTHENTICATED)));
});

Deno.test("a connection that knows the passphrase is not closed for wrong ones", async () => {
  await using bench = await guarded();
  const client = bench.client();
  await getStatus(client, PASSPHRASE);
  const wrong = Array.from({ length: 20 }, () => getStatus(client, "guessed"));
  await Promise.all(wrong.map((call) => assert.rejects(call, REFUSAL)));
  await getStatus(client, PASSPHRASE);
});

Deno.test("the hooks' own socket asks for no passphrase", async () => {
  await using bench = await guarded();
  const dir = await Deno.makeTempDir({ prefix: "jmp-hook-" });
  try {
    await bench.served.session.listenForHooks(`${dir}/hook`);
    const hook = new ExporterServiceClient(`unix:${dir}/hook`, credentials.createInsecure());
    await getStatus(hook);
    hook.close();
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
