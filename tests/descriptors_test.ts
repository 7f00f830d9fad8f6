/** An exporter without free descriptors, and one whose descriptors idle strangers use up. */
import assert from "node:assert/strict";
import { connectSession } from "../src/client/connect.ts";
import { jmp } from "./official/exporter.ts";
import { ChildProcess } from "./official/process.ts";
import { until } from "./until.ts";

const CONFIG = `apiVersion: jumpstarter.dev/v1alpha1
kind: ExporterConfig
metadata: { namespace: default, name: descriptors }
export:
  power: { type: jumpstarter_driver_power.driver.MockPower }
`;

/** An exporter with a limit of `files` descriptors. */
async function limited(files: number) {
  const stack = new AsyncDisposableStack();
  const dir = await Deno.makeTempDir({ prefix: "jmp-files-" });
  stack.defer(() => Deno.remove(dir, { recursive: true }));
  await Deno.writeTextFile(`${dir}/exporter.yaml`, CONFIG);
  const options = ["--exporter-config", `${dir}/exporter.yaml`, "--tls-grpc-insecure"];
  const command = jmp("run", ...options, "--tls-grpc-listener", "127.0.0.1:0");
  const script = `ulimit -n ${files}; exec "$@"`;
  const child = stack.use(new ChildProcess(["sh", "-c", script, "sh", ...command]));
  const port = Number((await child.saying(/Serving .* on 127\.0\.0\.1:(\d+)/))[1]);
  return {
    ...{ child, port },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** A client on a connection of its own, and whether it was answered in time. */
async function ask(port: number, seconds: number): Promise<boolean> {
  const connectMs = 1_000 * seconds;
  try {
    await using client = await connectSession({ kind: "tcp", endpoint: `127.0.0.1:${port}` }, {
      connectMs,
    });
    await client.report({ timeoutMs: connectMs });
    return true;
  } catch {
    return false;
  }
}

const RUN_OUT = /Clients wait, as no more files can be opened.*/;

Deno.test("without descriptors the log says so once, and clients are served when there are some", async () => {
  await using served = await limited(48);
  // On a busy machine clients may come so slowly that those before them have left.
  await until(async () => {
    const answered = await Promise.all(Array.from({ length: 40 }, () => ask(served.port, 5)));
    assert.ok(answered.includes(true), served.child.log);
    return RUN_OUT.test(served.child.log);
  }, 60_000);
  assert.ok(await ask(served.port, 20), served.child.log);
  const said = served.child.log.match(new RegExp(RUN_OUT, "g")) ?? [];
  assert.equal(said.length, 1, served.child.log);
  assert.match(said[0]!, /this process may have 48 open: raise LimitNOFILE=/);
});

Deno.test("more idle connections than descriptors lock nobody out", async () => {
  await using served = await limited(256);
  const strangers: Deno.Conn[] = [];
  for (let count = 0; count < 400; count++) {
    strangers.push(await Deno.connect({ hostname: "127.0.0.1", port: served.port }));
  }
  assert.ok(await ask(served.port, 10), served.child.log);
  for (const conn of strangers) conn.close();
  assert.doesNotMatch(served.child.log, /no more files/);
});
