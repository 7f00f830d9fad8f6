/** Who is let in by a passphrase, over the wire. */
import assert from "node:assert/strict";
import { connect } from "node:http2";
import { connectSession } from "../client/connect.ts";
import { ExporterServiceService } from "../wire/gen/jumpstarter/v1/jumpstarter.ts";
import { GrpcClient } from "../wire/grpc/client.ts";
import type { Header } from "../wire/http2/header_table.ts";
import { dialTcp } from "../wire/net/dial.ts";
import { openFrames } from "../wire/router/testing.ts";
import { Code } from "../wire/error.ts";
import { serveDrivers, type ServedSession } from "./testing.ts";

const PASSPHRASE = "open sesame";
const REFUSAL = { code: Code.UNAUTHENTICATED, details: "invalid or missing passphrase" };

function getStatus(client: GrpcClient, ...given: string[]): Promise<unknown> {
  const metadata = given.map((text): Header => ["x-jumpstarter-passphrase", text]);
  return client.unary(ExporterServiceService.getStatus, {}, { metadata });
}

interface Guarded extends AsyncDisposable {
  readonly served: ServedSession;
  readonly port: number;
  /** A client with a connection of its own. */
  client(): Promise<GrpcClient>;
}

async function guarded(): Promise<Guarded> {
  const stack = new AsyncDisposableStack();
  const served = stack.use(await serveDrivers({}, { passphrase: PASSPHRASE }));
  const port = await served.session.listen({ hostname: "127.0.0.1", port: 0 });
  return {
    served,
    port,
    async client() {
      const link = await dialTcp({ host: "127.0.0.1", port }, AbortSignal.timeout(10_000));
      const keepalive = { timeMs: 20_000, timeoutMs: 20_000 };
      return stack.use(new GrpcClient(link, { authority: "localhost", keepalive }));
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

Deno.test("a passphrase is asked of every call, known or unknown", async () => {
  await using bench = await guarded();
  const { grpc } = bench.served;
  await getStatus(grpc, PASSPHRASE);
  const unknown = { ...ExporterServiceService.getStatus, path: "/x.Y/Z" };
  const refused = [
    getStatus(grpc),
    getStatus(grpc, "Open sesame"),
    getStatus(grpc, ""),
    getStatus(grpc, PASSPHRASE, PASSPHRASE),
    openFrames(grpc).metadata,
    grpc.unary(unknown, {}),
  ];
  await Promise.all(refused.map((call) => assert.rejects(call, REFUSAL)));
  await getStatus(grpc, PASSPHRASE);
});

Deno.test("a refused call is told in the log by method and address, never by what was sent", async () => {
  await using bench = await guarded();
  await assert.rejects(getStatus(await bench.client(), "guessed"), REFUSAL);
  await assert.rejects(getStatus(bench.served.grpc), REFUSAL);
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
  const friend = await bench.client();
  await getStatus(friend, PASSPHRASE);
  const start = performance.now();
  const wrong = Array.from({ length: 40 }, async () => {
    await assert.rejects(getStatus(await bench.client(), "guessed"), REFUSAL);
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
  const client = await bench.client();
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
    await using hook = await connectSession({ kind: "unix", path: `${dir}/hook` });
    await hook.status();
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
