/** The log of an exporter whose proxy does not connect it, and that registers as soon as it does. */
import assert from "node:assert/strict";
import { serveProxy, type Site } from "../src/hardware/http/testing.ts";
import { BadPort } from "./controller/bad_port.ts";
import { TestController } from "./controller/controller.ts";
import { startExporter } from "./exporter.ts";
import { until } from "./until.ts";

const HOST = "lab.corp.invalid";

/** The config of an exporter that `proxy` leads to its controller. */
function config(controller: TestController, proxy: string): string {
  controller.addExporter({ name: "board" });
  const options = { "grpc.http_proxy": proxy, "grpc.ssl_target_name_override": "localhost" };
  return `${controller.exporterConfigYaml("board", {})}\ngrpcOptions: ${JSON.stringify(options)}\n`;
}

/** The first complaint of an exporter behind `proxy`. */
async function complaint(proxy: string): Promise<string> {
  await using controller = await TestController.start({ host: HOST });
  await using running = await startExporter(config(controller, proxy), { deadlineMs: 500 });
  return await running.line(/trying again/);
}

const says = (text: string) => BadPort.open(new TextEncoder().encode(text));

Deno.test("a proxy that does not connect is the phase that failed, with its answer and the remedy", async () => {
  const cases: [says: string, expected: RegExp][] = [
    [
      "HTTP/1.1 403 Forbidden\r\n\r\n",
      /refused to connect to \S+: 403 Forbidden; allow CONNECT to/,
    ],
    ["HTTP/1.1 502 Bad Gateway\r\n\r\n", /refused to connect to .*; check that it can resolve/],
    [
      "HTTP/1.1 407 Who\r\n\r\n",
      /: 407 Who; correct the user and the password in grpc\.http_proxy: http:\/\/<user>:<password>@/,
    ],
    ["220 mail.corp ESMTP\r\n", /does not answer in HTTP: "220 mail\.corp ESMTP/],
    [`HTTP/1.1 200 OK\r\nx: ${"x".repeat(20_000)}`, /head of more than 16384 bytes/],
  ];
  for (const [text, expected] of cases) {
    await using port = await says(text);
    const line = await complaint(`http://me:pass-word@${port.endpoint}`);
    const start = `Register failed at proxy: the proxy ${port.endpoint} (grpc.http_proxy) `;
    assert.ok(line.includes(start), line);
    assert.match(line, expected);
    assert.doesNotMatch(line, /pass-word/);
  }
});

Deno.test("a proxy that is silent, unknown or gone is the phase that failed", async () => {
  {
    await using port = await BadPort.open();
    assert.match(
      await complaint(`http://${port.endpoint}`),
      /failed at proxy: .* gave no answer within 5 s/,
    );
  }
  const unknown = await complaint("http://proxy.invalid:3128");
  assert.match(
    unknown,
    /failed at proxy: the proxy proxy\.invalid:3128 .* cannot be reached \(.*ENOTFOUND/,
  );
  assert.match(
    await complaint(`http://${await closedPort()}`),
    /failed at proxy: .* cannot be reached \(.*REFUSED/,
  );
});

async function closedPort(): Promise<string> {
  await using port = await BadPort.open();
  return port.endpoint;
}

Deno.test("an exporter registers as soon as its proxy connects it", async () => {
  await using controller = await TestController.start({ host: HOST });
  let open = false;
  await using proxy: Site = await serveProxy(() => {}, () => open);
  await using running = await startExporter(config(controller, proxy.url), { deadlineMs: 500 });
  await running.line(/failed at proxy: .* 403 Forbidden/);
  open = true;
  await running.line(/Registered as lab\/board/);
  assert.equal(proxy.requests.at(-1)!.url, controller.endpoint);
});

Deno.test("a router that the proxy refuses is named, and reached as soon as it is allowed", async () => {
  await using controller = await TestController.start({ host: HOST });
  controller.addClient({ name: "tester" });
  let open = false;
  const { endpoint, routerEndpoint } = controller;
  await using proxy = await serveProxy(() => {}, (authority) => open || authority === endpoint);
  await using running = await startExporter(config(controller, proxy.url));
  await controller.next("ReportStatus");
  const lease = controller.lease("board", "tester");
  await controller.next("Listen");
  await controller.dial(lease);
  const line = await running.line(/Stream failed/);
  const at = `the proxy ${proxy.url.slice(7)} (grpc.http_proxy)`;
  const expected =
    `router ${routerEndpoint}: Stream failed at proxy: ${at} refused to connect to ` +
    `${routerEndpoint}: 403 Forbidden; allow CONNECT to ${routerEndpoint} in the proxy, or name ` +
    `${HOST} in no_proxy to connect to it directly`;
  assert.equal(line, expected);
  open = true;
  const before = proxy.requests.length;
  await controller.dial(lease);
  await until(() => proxy.requests.length > before && controller.router.front.connections > 0);
});

Deno.test("a proxy that cannot be used is a warning, and the controller is reached directly", async () => {
  await using controller = await TestController.start();
  const text = config(controller, "https://me:pass-word@proxy.invalid");
  await using running = await startExporter(text);
  const line = await running.line(/is reached directly: /);
  assert.match(
    line,
    /grpc\.http_proxy names an https:\/\/ proxy, and gRPC uses http:\/\/ proxies only/,
  );
  assert.equal(running.records.find(({ message }) => message === line)!.severity, "warning");
  await running.line(/Registered as lab\/board/);
  assert.doesNotMatch(JSON.stringify(running.records), /pass-word/);
});
