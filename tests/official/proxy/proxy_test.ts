/** An exporter and an official client that reach the world through a proxy only. */
import assert from "node:assert/strict";
import { selfSigned, serve } from "../../../src/hardware/http/testing.ts";
import { TestController } from "../../controller/controller.ts";
import { type Env, openClient } from "../client.ts";
import { ExporterProcess } from "../exporter.ts";
import { startTinyproxy } from "./proxy.ts";
import { startLeasable } from "../transports.ts";

const HOST = "lab.corp.invalid";
const CREDENTIALS = { user: "lab", password: "open.sesame-7" };

const OPENDAL = "jumpstarter_driver_opendal.driver.Opendal";

/** The certificates of the tests are for another name. */
const NAMED = "grpcOptions: { grpc.ssl_target_name_override: localhost }\n";

async function setUp() {
  await using stack = new AsyncDisposableStack();
  const dir = await Deno.makeTempDir({ prefix: "jmp-official-proxy-" });
  stack.defer(() => Deno.remove(dir, { recursive: true }));
  const proxy = stack.use(await startTinyproxy(dir, { knows: [HOST], credentials: CREDENTIALS }));
  const controller = stack.use(await TestController.start({ host: HOST }));
  const url = (password: string) => `http://lab:${password}@127.0.0.1:${proxy.port}`;
  const owned = stack.move();
  return {
    dir,
    proxy,
    controller,
    url,
    async write(name: string, text: string) {
      await Deno.writeTextFile(`${dir}/${name}`, name.endsWith(".yaml") ? text + NAMED : text);
      return `${dir}/${name}`;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** An exporter and an official client with its lease, both in the environment `env`. */
async function connect(lab: Awaited<ReturnType<typeof setUp>>, env: Env) {
  const { dir, controller, write } = lab;
  await Deno.mkdir(`${dir}/storage`);
  const tree = {
    storage: { type: OPENDAL, config: { scheme: "fs", kwargs: { root: `${dir}/storage` } } },
    scratch: { type: OPENDAL, config: { scheme: "memory", kwargs: {} } },
  };
  controller.addClient({ name: "tester" });
  const yaml = controller.clientConfigYaml("tester", { unsafe: true });
  const config = await write("client.yaml", yaml);
  const client = await openClient(dir);
  const exporter = await startLeasable({ env, write }, controller, "board", tree);
  const lease = controller.lease("board", "tester");
  const names = { TEST_CLIENT_CONFIG: config, JMP_LEASE: lease.name };
  return { client, way: { exporter, env: { ...env, ...names } } };
}

Deno.test("exporter and official client meet through a proxy, which resolves their names", async () => {
  await using lab = await setUp();
  const { dir, proxy, controller } = lab;
  const env = { https_proxy: lab.url("open%2Esesame-7") };
  const { client, way } = await connect(lab, env);
  await using exporter = way.exporter;
  assert.equal(await client.show("check_storage", way.env, [dir]), "done");
  assert.ok(
    proxy.connects(controller.endpoint) >= 2,
    "the controller is reached through the proxy",
  );
  assert.ok(proxy.connects(controller.routerEndpoint) >= 2, "and so is the router, by both ends");
  const through = `reached through the proxy 127.0.0.1:${proxy.port} (https_proxy)`;
  assert.ok(exporter.child.log.includes(through), exporter.child.log);
  assert.doesNotMatch(exporter.child.log, /sesame/);
});

Deno.test("the exporter fetches what an official client names through the proxy", async () => {
  await using lab = await setUp();
  const { proxy } = lab;
  const pair = await selfSigned();
  await using plain = await serve((_request, response) => response.end("plain"));
  await using secure = await serve((_request, response) => response.end("secure"), pair);
  const url = lab.url("open%2Esesame-7");
  const certificates = { SSL_CERT_FILE: await lab.write("site.pem", pair.cert) };
  const { client, way } = await connect(lab, {
    http_proxy: url,
    https_proxy: url,
    ...certificates,
  });
  await using _exporter = way.exporter;
  const urls = [plain.url.replace("127.0.0.1", HOST), secure.url];
  const written = await client.show(
    "write_urls",
    way.env,
    urls.map((base) => `${base}/a%40b?q=%2F`),
  );
  assert.deepEqual(written, ["plain", "secure"]);
  assert.deepEqual([...plain.requests, ...secure.requests].map(({ url }) => url), [
    "/a%40b?q=%2F",
    "/a%40b?q=%2F",
  ]);
  assert.equal(proxy.connects(new URL(secure.url).host), 1);
});

const REMEDY = /; correct the user and the password in https_proxy|cannot be resolved/;

Deno.test("a proxy that refuses the exporter is the phase that failed", async () => {
  await using lab = await setUp();
  const { controller, proxy } = lab;
  controller.addExporter({ name: "board" });
  const file = await lab.write("exporter.yaml", controller.exporterConfigYaml("board", {}));
  const at = `the proxy 127.0.0.1:${proxy.port} (https_proxy)`;
  const cases: [env: Record<string, string>, expected: string][] = [
    [
      { https_proxy: lab.url("wrong-word") },
      `Register failed at proxy: ${at} refused to connect to ${controller.endpoint}: 401 Unauthorized`,
    ],
    [
      { https_proxy: lab.url("open%2Esesame-7"), no_proxy: ".invalid" },
      `Register failed at name: the name ${HOST} cannot be resolved`,
    ],
  ];
  for (const [env, expected] of cases) {
    const { exporter, match } = await ExporterProcess.start(["--exporter-config", file], {
      env,
      ready: /Register failed.*trying again/,
    });
    await using _exporter = exporter;
    assert.ok(match[0].startsWith(expected), match[0]);
    assert.match(match[0], REMEDY);
    assert.doesNotMatch(exporter.child.log, /wrong-word/);
  }
});
