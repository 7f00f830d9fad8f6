/** Access without a controller, tried by official clients. */
import assert from "node:assert/strict";
import { succeeds } from "./client.ts";
import { ExporterProcess } from "./exporter.ts";
import { openSite, type Site } from "./site.ts";
import { standaloneConfig, TRUSTED, until } from "./transports.ts";

const TREE = { power: { type: "jumpstarter_driver_power.driver.MockPower" } };

const WORDS =
  /authentication failed: invalid or missing passphrase for method \S+ from 127\.0\.0\.1/;

interface Direct extends AsyncDisposable {
  readonly exporter: ExporterProcess;
  readonly port: string;
}

/** Cleartext in direct mode, on any free port. */
async function direct(
  site: Site,
  args: readonly string[],
  { env = {}, hooks = "" }: { env?: Record<string, string>; hooks?: string } = {},
): Promise<Direct> {
  const file = await site.write("exporter.yaml", standaloneConfig(TREE) + hooks);
  const { exporter, match } = await ExporterProcess.start(
    ["--exporter-config", file, "--tls-grpc-insecure", "--tls-grpc-listener", ...args],
    { env: { ...site.env, ...env }, ready: /Serving .* on \d+\.0\.0\.[01]:(\d+)/ },
  );
  return {
    exporter,
    port: match[1]!,
    [Symbol.asyncDispose]: () => exporter[Symbol.asyncDispose](),
  };
}

/** `j power on`, without a shell around it. */
function powerOn(site: Site, host: string, env: Record<string, string> = {}) {
  const given = { ...TRUSTED, JMP_GRPC_INSECURE: "1", JUMPSTARTER_HOST: host, ...env };
  return site.client.run(["j", "power", "on"], { env: given });
}

Deno.test("a bare port serves the clients of this host, and nobody at its other addresses", async () => {
  await using site = await openSite();
  await using bench = await direct(site, ["0"]);
  const { port } = bench;
  for (const host of ["127.0.0.1", "localhost"]) {
    await succeeds(powerOn(site, `${host}:${port}`));
    const shell = ["jmp", "shell", "--tls-grpc", `${host}:${port}`, "--tls-grpc-insecure"];
    await succeeds(site.client.run([...shell, "--", "j", "power", "off"], {}));
  }
  // Another address of 127.0.0.0/8 stands for the network.
  await assert.rejects(
    Deno.connect({ hostname: "127.0.0.2", port: Number(port) }),
    Deno.errors.ConnectionRefused,
  );
});

Deno.test("clients with the passphrase of a file get in, the others are told in the log", async () => {
  await using site = await openSite();
  const file = await site.write("passphrase", "open sesame\n");
  await Deno.chmod(file, 0o600);
  await using bench = await direct(site, ["127.0.0.1:0", "--passphrase-file", file]);
  const { exporter, port } = bench;
  const host = `127.0.0.1:${port}`;
  await succeeds(powerOn(site, host, { JMP_GRPC_PASSPHRASE: "open sesame" }));
  const shell = ["jmp", "shell", "--tls-grpc", host, "--tls-grpc-insecure"];
  const command = ["--", "j", "power", "off"];
  await succeeds(site.client.run([...shell, "--passphrase", "open sesame", ...command], {}));
  assert.doesNotMatch(exporter.child.log, WORDS);
  const wrong = await site.client.run([...shell, "--passphrase", "guessed", ...command], {});
  assert.notEqual(wrong.code, 0);
  await until(() => WORDS.test(exporter.child.log), () => `${WORDS} in:\n${exporter.child.log}`);
  assert.notEqual((await powerOn(site, host)).code, 0);
  assert.doesNotMatch(exporter.child.log, /guessed|sesame/);
});

Deno.test("hooks use the drivers without the passphrase, which they cannot find", async () => {
  const hooks = `hooks:
  beforeLease:
    script: |
      echo "secrets: $(env | grep -ci 'passphrase\\|sesame')"
      j power on && echo "the hook is through"
    onFailure: exit
`;
  await using site = await openSite();
  const env = { ...site.client.env, JMP_PASSPHRASE: "open sesame" };
  await using bench = await direct(site, ["127.0.0.1:0"], { env, hooks });
  await bench.exporter.child.saying(/the hook is through/);
  assert.match(bench.exporter.child.log, /secrets: 0/);
  assert.doesNotMatch(bench.exporter.child.log, /sesame|authentication failed/);
  const given = { JMP_GRPC_PASSPHRASE: "open sesame" };
  await succeeds(powerOn(site, `127.0.0.1:${bench.port}`, given));
});
