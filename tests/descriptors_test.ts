/** An exporter without free descriptors, and one whose descriptors idle strangers use up. */
import assert from "node:assert/strict";
import { ExporterServiceClient } from "../src/wire/grpc_js/clients.ts";
import { credentials, Metadata } from "@grpc/grpc-js";
import { jmp } from "./official/exporter.ts";
import { ChildProcess } from "./official/process.ts";

const CONFIG = `apiVersion: jumpstarter.dev/v1alpha1
kind: ExporterConfig
metadata: { namespace: default, name: descriptors }
export:
  power: { type: jumpstarter_driver_power.driver.MockPower }
`;

/** An exporter with a limit of `files` descriptors, and a separate client for each call. */
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
    client: () =>
      new ExporterServiceClient(`127.0.0.1:${port}`, credentials.createInsecure(), {
        "grpc.use_local_subchannel_pool": 1,
      }),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** @returns whether the call was answered in time */
function ask(client: ExporterServiceClient, seconds: number): Promise<boolean> {
  const deadline = Date.now() + 1_000 * seconds;
  return new Promise((resolve) => {
    client.getReport({}, new Metadata(), { deadline }, (error) => resolve(error === null));
  });
}

Deno.test("without descriptors the log says so once, and clients are served when there are some", async () => {
  await using served = await limited(48);
  const clients = Array.from({ length: 40 }, () => served.client());
  const answered = await Promise.all(clients.map((client) => ask(client, 5)));
  assert.ok(answered.includes(true), served.child.log);
  for (const client of clients) client.close();
  const late = served.client();
  assert.ok(await ask(late, 20), served.child.log);
  late.close();
  const said = served.child.log.match(/Clients wait, as no more files can be opened.*/g) ?? [];
  assert.equal(said.length, 1, served.child.log);
  assert.match(said[0]!, /this process may have 48 open: raise LimitNOFILE=/);
});

Deno.test("more idle connections than descriptors lock nobody out", async () => {
  await using served = await limited(256);
  const strangers: Deno.Conn[] = [];
  for (let count = 0; count < 400; count++) {
    strangers.push(await Deno.connect({ hostname: "127.0.0.1", port: served.port }));
  }
  const client = served.client();
  assert.ok(await ask(client, 10), served.child.log);
  client.close();
  for (const conn of strangers) conn.close();
  assert.doesNotMatch(served.child.log, /no more files/);
});
