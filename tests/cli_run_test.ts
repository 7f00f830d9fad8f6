/** `jmp run` as a process: what it prints, where it listens, and how it ends. */
import assert from "node:assert/strict";
import { certificates } from "./controller/tls.ts";
import { TestController } from "./controller/controller.ts";
import { GOOD, jmp, JmpProcess, withFiles } from "./jmp.ts";

Deno.test("jmp run prints every mistake of a config with its place, and exits 1", async () => {
  const text = `apiVersion: jumpstarter.dev/v2
kind: ExporterConfig
metadata: { namespace: lab, name: demo, labels: {} }
export:
  power: { typ: jumpstarter_driver_power.driver.MockPower }
  serial:
    type: jumpstarter_driver_pyserial.driver.PySerial
    config: { url: /dev/ttyUSB0, baudrat: 9600 }
  again: { ref: pwer }
`;
  await withFiles({ "broken.yaml": text }, async (dir) => {
    const file = `${dir}/broken.yaml`;
    const { code, err } = await jmp(["run", "--exporter-config", file]);
    assert.equal(code, 1);
    for (const place of ["1:13", "3:41", "5:12", "8:34", "9:17"]) {
      assert.match(err, new RegExp(`${file}:${place}: error: `), `nothing at ${place}:\n${err}`);
    }
    assert.match(err, /did you mean 'baudrate'/);
    assert.match(err, new RegExp(`jmp: ${file} has \\d errors`));
  });
});

Deno.test("jmp run --exporter looks in the user's folder and says where it looked", async () => {
  const missing = await jmp(["run", "--exporter", "nope"], { XDG_CONFIG_HOME: "/nonexistent" });
  assert.equal(missing.code, 1);
  assert.match(missing.err, /\/nonexistent\/jumpstarter\/exporters\/nope\.yaml/);
  assert.match(missing.err, /\/etc\/jumpstarter\/exporters\/nope\.yaml/);
  await withFiles({}, async (dir) => {
    await Deno.mkdir(`${dir}/exporters`);
    await Deno.writeTextFile(`${dir}/exporters/mine.yaml`, GOOD);
    const { code, err } = await jmp(["run", "--exporter", "mine"], { JMP_CLIENT_CONFIG_HOME: dir });
    assert.equal(code, 1);
    assert.match(err, /mine\.yaml:1:1: error: endpoint: /);
    assert.match(err, /error: token: /);
    assert.match(err, /cannot be used with a controller/);
  });
});

Deno.test("jmp run refuses to open hardware to the network without a passphrase", async () => {
  await withFiles({ "good.yaml": GOOD }, async (dir) => {
    const base = ["run", "--exporter-config", `${dir}/good.yaml`];
    const { server } = await certificates();
    await Deno.writeTextFile(`${dir}/cert.pem`, server.certPem);
    await Deno.writeTextFile(`${dir}/key.pem`, server.keyPem, { mode: 0o600 });
    await Deno.writeTextFile(`${dir}/other.pem`, (await certificates()).otherCa.keyPem);
    const certificate = ["--tls-cert", `${dir}/cert.pem`];
    const everywhere = ["--tls-grpc-listener", "0.0.0.0:0"];
    const refused = /refusing to listen on 0\.0\.0\.0 .*--unsafe-no-auth/;
    const cases: [string[], RegExp][] = [
      [[...everywhere, "--tls-grpc-insecure"], refused],
      [[...everywhere, ...certificate, "--tls-key", `${dir}/key.pem`], refused],
      [
        ["--tls-grpc-listener", "0", ...certificate, "--tls-key", `${dir}/other.pem`],
        /private key in .*other\.pem .* does not belong to the certificate in .*cert\.pem/,
      ],
      [
        ["--tls-grpc-listener", "0", "--tls-grpc-insecure", "--passphrase", ""],
        /passphrase from --passphrase: .* found nothing \(an unset variable\?\)/,
      ],
      [["--tls-grpc-listener", "nonsense"], /expected \[HOST:\]PORT, found 'nonsense'/],
      [["--tls-grpc-listener", "1"], /needs --tls-cert FILE and --tls-key FILE/],
      [["--passphrase", "x"], /--passphrase needs --tls-grpc-listener/],
      [["--listen", "/tmp/x"], /expected unix:\/absolute\/path/],
      [
        ["--tls-grpc-listener", "1", "--tls-cert", "/none", "--tls-key", "/none"],
        /--tls-cert: cannot read \/none/,
      ],
      [
        [
          "--tls-grpc-listener",
          "1",
          "--tls-cert",
          `${dir}/good.yaml`,
          "--tls-key",
          `${dir}/key.pem`,
        ],
        /--tls-cert: expected a PEM certificate/,
      ],
    ];
    for (const [args, expected] of cases) {
      const { code, err } = await jmp([...base, ...args]);
      assert.equal(code, 1);
      assert.match(err, expected);
    }
  });
});

Deno.test("jmp run opens a bare port on loopback without a passphrase, and says how to open it", async () => {
  await withFiles({ "good.yaml": GOOD }, async (dir) => {
    const base = ["run", "--exporter-config", `${dir}/good.yaml`, "--tls-grpc-insecure"];
    await using local = new JmpProcess([...base, "--tls-grpc-listener", "0"]);
    await local.line(/open on 127\.0\.0\.1 only.*--passphrase-file/);
    await local.line(/Serving .* on 127\.0\.0\.1:\d+$/);
    const env = { JMP_PASSPHRASE: "open sesame" };
    await using open = new JmpProcess([...base, "--tls-grpc-listener", "0"], env);
    await open.line(/without encryption/);
    await open.line(/Serving .* on 0\.0\.0\.0:\d+$/);
    assert.doesNotMatch(open.seen.join("\n"), /sesame/);
  });
});

Deno.test("jmp run --listen serves on a socket for this user alone, and removes it", async () => {
  await withFiles({ "good.yaml": GOOD }, async (dir) => {
    const socket = `${dir}/jmp.sock`;
    const args = ["run", "--exporter-config", `${dir}/good.yaml`, "--listen", `unix:${socket}`];
    await using first = new JmpProcess(args);
    await first.line(/Serving/);
    const { mode, isSocket } = await Deno.lstat(socket);
    assert.ok(isSocket);
    assert.equal(mode! & 0o777, 0o600);
    const second = await jmp(args);
    assert.equal(second.code, 1);
    assert.match(second.err, /another process serves it/);
    assert.equal(await first.end("SIGTERM"), 143);
    await assert.rejects(Deno.lstat(socket), Deno.errors.NotFound);
  });
});

Deno.test("jmp run --listen takes over the socket of an exporter that was killed", async () => {
  await withFiles({ "good.yaml": GOOD }, async (dir) => {
    const args = [
      ...["run", "--exporter-config", `${dir}/good.yaml`],
      ...["--listen", `unix:${dir}/jmp.sock`],
    ];
    await using first = new JmpProcess(args);
    await first.line(/Serving/);
    await first.end("SIGKILL");
    await using second = new JmpProcess(args);
    await second.line(/Serving/);
    assert.equal(await second.end("SIGINT"), 130);
  });
});

Deno.test("jmp run serves directly over TLS", async () => {
  const { server } = await certificates();
  const files = { "good.yaml": GOOD, "cert.pem": server.certPem, "key.pem": server.keyPem };
  await withFiles(files, async (dir) => {
    await using process = new JmpProcess([
      ...["run", "--exporter-config", `${dir}/good.yaml`, "--tls-grpc-listener", "127.0.0.1:0"],
      ...["--tls-cert", `${dir}/cert.pem`, "--tls-key", `${dir}/key.pem`],
    ]);
    const line = await process.line(/Serving/);
    const port = Number(/:(\d+)$/.exec(line)![1]);
    const { caPem } = await certificates();
    using connection = await Deno.connectTls({
      hostname: "localhost",
      port,
      caCerts: [caPem],
      alpnProtocols: ["h2"],
    });
    assert.equal((await connection.handshake()).alpnProtocol, "h2");
    assert.equal(await process.end("SIGQUIT"), 131);
  });
});

Deno.test("jmp run starts with an unavailable driver, and --strict does not", async () => {
  const text = GOOD + `  custom: { type: vendorpackage.CustomDriver }
  serial:
    type: jumpstarter_driver_pyserial.driver.PySerial
    config: { url: /dev/nonexistent }
`;
  await withFiles({ "some.yaml": text }, async (dir) => {
    const args = ["run", "--exporter-config", `${dir}/some.yaml`, "--listen", `unix:${dir}/s`];
    await using process = new JmpProcess(args);
    await process.line(/Driver 'custom' is degraded: .*vendorpackage\.CustomDriver/);
    await process.line(/Driver 'serial' is degraded: .*\/dev\/nonexistent/);
    await process.line(/Serving/);
    const strict = await jmp([...args, "--strict"]);
    assert.equal(strict.code, 1);
    assert.match(
      strict.err,
      /--strict: not starting: 2 drivers are unavailable: custom \(failed\), serial \(missing\)/,
    );
  });
});

Deno.test("a config that others can change is served with a warning, not by --strict, and check fails", async () => {
  await withFiles({ "some.yaml": GOOD }, async (dir) => {
    const file = `${dir}/some.yaml`;
    assert.equal((await jmp(["check", file])).code, 0);
    await Deno.chmod(file, 0o666);
    const args = ["run", "--exporter-config", file, "--listen", `unix:${dir}/s`];
    await using process = new JmpProcess(args);
    await process.line(/some\.yaml: other users can change this config: .* run: chmod go-w/);
    await process.line(/Serving/);
    for (const refusing of [[...args, "--strict"], ["check", file]]) {
      const { code, err } = await jmp(refusing);
      assert.equal(code, 1);
      assert.match(err, /other users can change this config: .*found mode 0666/);
    }
  });
});

Deno.test("jmp run ends with its signal, unregistered, and drains on SIGHUP", async () => {
  await using controller = await TestController.start();
  controller.addExporter({ name: "demo" });
  controller.addClient({ name: "tester" });
  const tree = { power: { type: "jumpstarter_driver_power.driver.MockPower" } };
  const config = controller.exporterConfigYaml("demo", tree);
  await withFiles({ "exporter.yaml": config }, async (dir) => {
    const args = ["run", "--exporter-config", `${dir}/exporter.yaml`];
    await using first = new JmpProcess(args);
    await controller.next("Status");
    assert.equal(await first.end("SIGTERM"), 143);
    await controller.next("Unregister");

    await using second = new JmpProcess(args);
    await controller.next("Status");
    const lease = controller.lease("demo", "tester");
    await controller.next("ReportStatus", ({ status }) => status === 4);
    second.child.kill("SIGHUP");
    await second.line(/shutting down after the current lease/);
    controller.endLease(lease);
    assert.equal((await second.child.status).code, 129);
    await controller.next("Unregister");
  });
});

Deno.test("jmp run lets afterLease run at the first signal and ends it at the second", async () => {
  await using controller = await TestController.start();
  controller.addExporter({ name: "demo" });
  controller.addClient({ name: "tester" });
  const tree = { power: { type: "jumpstarter_driver_power.driver.MockPower" } };
  const hooks = { afterLease: { script: "echo cleaning; sleep 1000", timeout: 900 } };
  const config = controller.exporterConfigYaml("demo", tree, { hooks });
  await withFiles({ "exporter.yaml": config }, async (dir) => {
    const args = ["run", "--exporter-config", `${dir}/exporter.yaml`];
    await using leased = new JmpProcess(args);
    await controller.next("Status");
    controller.lease("demo", "tester");
    await controller.next("ReportStatus", ({ status }) => status === 4);
    await endsAtSecond(leased, "SIGTERM", 143);
    await controller.next("Unregister");

    await using direct = new JmpProcess([...args, "--listen", `unix:${dir}/s`]);
    await direct.line(/Serving/);
    await endsAtSecond(direct, "SIGINT", 130);
  });
});

async function endsAtSecond(process: JmpProcess, signal: Deno.Signal, expected: number) {
  process.child.kill(signal);
  await process.line(/The afterLease hook has 900 s to end; another signal ends it at once/);
  await process.line(/cleaning/);
  assert.equal(await process.end(signal), expected);
}

Deno.test("jmp run starts with an error in an entry, which --strict and check do not accept", async () => {
  const text = GOOD + "  wrong: { type: 5 }\n  '': { type: vendorpackage.CustomDriver }\n";
  await withFiles({ "some.yaml": text }, async (dir) => {
    const file = `${dir}/some.yaml`;
    const args = ["run", "--exporter-config", file, "--listen", `unix:${dir}/s`];
    await using process = new JmpProcess(args);
    await process.line(/some\.yaml:\d+:18: error: export\.wrong\.type: expected the dotted name/);
    await process.line(/Driver 'wrong' is degraded: its config has an error in line \d+: export/);
    await process.line(/Serving/);
    const strict = await jmp([...args, "--strict"]);
    assert.equal(strict.code, 1);
    assert.match(strict.err, /--strict: not starting: .*some\.yaml has 2 errors/);
    const check = await jmp(["check", file]);
    assert.equal(check.code, 1);
    assert.match(check.out, /some\.yaml: usable, with errors/);
  });
});
