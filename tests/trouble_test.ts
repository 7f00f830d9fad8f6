/** The log of an exporter that cannot use its controller, and continues trying. */
import assert from "node:assert/strict";
import { AlpnProbe } from "./controller/alpn.ts";
import { BadPort } from "./controller/bad_port.ts";
import { TestController } from "./controller/controller.ts";
import { NOT_INITIALIZED } from "./controller/faults.ts";
import { Code, RpcError } from "./controller/rpc_error.ts";
import { certificates } from "./controller/tls.ts";
import { startExporter } from "./exporter.ts";

const POWER = { power: { type: "jumpstarter_driver_power.driver.MockPower" } };

function config(endpoint: string, tls = "", token = "secret"): string {
  return `
apiVersion: jumpstarter.dev/v1alpha1
kind: ExporterConfig
metadata: { namespace: lab, name: demo }
endpoint: "${endpoint}"
token: ${token}
${tls}
export:
  power:
    type: ${POWER.power.type}
`;
}

const trust = (pem: string) => `tls: { ca: ${btoa(pem)} }`;

/** Expects one line about a bad controller, and an exporter that still runs. */
async function complaint(text: string): Promise<string> {
  await using running = await startExporter(text, { deadlineMs: 500 });
  const line = await running.line(/trying again/);
  let over = false;
  running.ended.then(() => over = true);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(over, false, "the exporter gave up");
  const warnings = running.records.filter(({ severity }) => severity === "warning");
  assert.equal(warnings.length, 1, "one line for one trouble");
  return line;
}

Deno.test("an unknown host is named, with the phase", async () => {
  const line = await complaint(config("nowhere.invalid:8082"));
  assert.match(
    line,
    /^controller nowhere\.invalid:8082: Register failed at name: .*cannot be resolved/,
  );
});

Deno.test("a refused port is named, with the phase", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  const line = await complaint(config(`127.0.0.1:${port}`));
  assert.match(line, /Register failed at connect: .*does not accept connections \(.*ECONNREFUSED/);
});

Deno.test("a certificate of an unknown authority is named, and tls.ca as what it was held against", async () => {
  const { caPem, otherCa } = await certificates();
  await using controller = await TestController.start({ certificate: otherCa });
  const line = await complaint(config(controller.endpoint, trust(caPem)));
  assert.match(line, /Register failed at tls: its certificate is not signed by tls\.ca/);
});

Deno.test("without tls.ca the system's certificates are named", async () => {
  await using controller = await TestController.start();
  const line = await complaint(config(controller.endpoint));
  assert.match(line, /at tls: its certificate is not signed by the system's certificates/);
});

Deno.test("an expired certificate is called expired", async () => {
  const { caPem, expired } = await certificates();
  await using controller = await TestController.start({ certificate: expired });
  const line = await complaint(config(controller.endpoint, trust(caPem)));
  assert.match(line, /at tls: its certificate has expired/);
});

Deno.test("a certificate that is not valid yet is called that, with both clocks", async () => {
  const { caPem, future } = await certificates();
  await using controller = await TestController.start({ certificate: future });
  const line = await complaint(config(controller.endpoint, trust(caPem)));
  assert.match(
    line,
    /at tls: its certificate is not valid yet: it is valid from 2099-01-01T00:00:00Z, and the clock of this host says 20\d\d-\S+Z; set the clock/,
  );
  assert.doesNotMatch(line, /not signed/);
});

Deno.test("a self-signed certificate is called that", async () => {
  const { caPem, selfSigned } = await certificates();
  await using controller = await TestController.start({ certificate: selfSigned });
  const line = await complaint(config(controller.endpoint, trust(caPem)));
  assert.match(
    line,
    /its certificate is not signed by tls\.ca \(CN=self is self-signed\); if this is the right/,
  );
});

Deno.test("a certificate for another name is called that", async () => {
  const { caPem, wrongName } = await certificates();
  await using controller = await TestController.start({ certificate: wrongName });
  const line = await complaint(config(controller.endpoint, trust(caPem)));
  assert.match(line, /at tls: its certificate is for another name/);
});

Deno.test("a port that answers garbage is no TLS server", async () => {
  await using port = await BadPort.open(new TextEncoder().encode("220 mail.example.com ESMTP\r\n"));
  assert.match(await complaint(config(port.endpoint)), /Register failed at tls: /);
});

Deno.test("a wrong token is said to be wrong, and where to look", async () => {
  await using controller = await TestController.start();
  controller.addExporter({ name: "demo", token: "another" });
  const line = await complaint(config(controller.endpoint, trust(controller.caPem)));
  assert.match(line, /Register failed: (UNAUTHENTICATED|PERMISSION_DENIED): .*token/);
});

Deno.test("a token that is refused with UNKNOWN has its remedy, and both times where it expired", async () => {
  const part = (value: unknown) => btoa(JSON.stringify(value)).replace(/=+$/, "");
  const token = `${part({ alg: "ES256" })}.${part({ exp: 1_700_000_000 })}.c2ln`;
  await using controller = await TestController.start();
  controller.addExporter({ name: "demo", token });
  controller.faults.fail("Register", new RpcError(Code.UNKNOWN, "oidc: verify token: no"), 9);
  const line = await complaint(config(controller.endpoint, trust(controller.caPem), token));
  assert.match(
    line,
    /Register failed: UNKNOWN: oidc: verify token: no; the token is not valid: it expired at 2023-11-14T22:13:20Z, and the clock of this host says 20\S+Z; have a new token issued/,
  );
  assert.ok(!line.includes(token));
});

Deno.test("a server that knows no Register is no controller", async () => {
  await using controller = await TestController.start();
  controller.addExporter({ name: "demo", token: "secret" });
  controller.faults.fail("Register", new RpcError(Code.UNIMPLEMENTED, "unknown service"), 9);
  const line = await complaint(config(controller.endpoint, trust(controller.caPem)));
  assert.match(
    line,
    /UNIMPLEMENTED: unknown service; something else than a Jumpstarter controller/,
  );
});

Deno.test("tls.insecure trusts any certificate, by name and by address", async () => {
  const { otherCa } = await certificates();
  for (const host of ["localhost", "127.0.0.1"]) {
    await using controller = await TestController.start({ host, certificate: otherCa });
    controller.addExporter({ name: "demo", token: "secret" });
    const text = config(controller.endpoint, "tls: { insecure: true }");
    await using _running = await startExporter(text);
    await controller.next("Register");
  }
});

Deno.test("an address is checked against the certificate's addresses", async () => {
  await using controller = await TestController.start({ host: "127.0.0.1" });
  controller.addExporter({ name: "demo", token: "secret" });
  await using _running = await startExporter(config(controller.endpoint, trust(controller.caPem)));
  await controller.next("Register");
});

Deno.test("a controller that is not ready yet is registered at as soon as it is", async () => {
  await using controller = await TestController.start();
  controller.addExporter({ name: "demo", token: "secret" });
  controller.faults.fail("Register", NOT_INITIALIZED, 2);
  await using running = await startExporter(config(controller.endpoint, trust(controller.caPem)));
  await running.line(/Registered as lab\/demo/);
  assert.match(
    await running.line(/trying again/),
    /Register failed: UNKNOWN: oidc: authenticator not initialized/,
  );
});

Deno.test("a token that is replaced in its file is taken up without a restart", async () => {
  await using controller = await TestController.start();
  controller.addExporter({ name: "demo", token: "fresh" });
  const dir = await Deno.makeTempDir({ prefix: "jmp-token-" });
  try {
    const file = `${dir}/token`;
    await Deno.writeTextFile(file, "stale\n", { mode: 0o600 });
    const text = config(controller.endpoint, trust(controller.caPem))
      .replace("token: secret", `tokenFile: ${file}`);
    await using running = await startExporter(text);
    await running.line(/trying again/);
    await Deno.writeTextFile(file, "fresh\n");
    await running.line(/Registered as lab\/demo/);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("a port that accepts and says nothing does not hold the exporter up", async () => {
  await using port = await BadPort.open();
  const line = await complaint(config(port.endpoint));
  assert.match(line, /Register failed at tls: .*no answer within 5 s/);
});

Deno.test("only HTTP/2 is offered, as the controller prefers HTTP/1.1 when it can", async () => {
  await using probe = await AlpnProbe.open();
  const offer = probe.next();
  await using _running = await startExporter(config(probe.endpoint), { deadlineMs: 500 });
  assert.deepEqual(await offer, ["h2"]);
});
