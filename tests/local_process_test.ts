/** `j --exporter NAME` and a running `jmp run`, as processes. */
import assert from "node:assert/strict";
import { stringify } from "yaml";
import { ExporterStatus as Status } from "../src/wire/gen/jumpstarter/v1/common.ts";
import { TestController } from "./controller/controller.ts";
import { ExporterProcess, running } from "./faults/exporter_process.ts";
import { EXPORT, powerOn, reported } from "./hook_lab.ts";
import { until } from "./until.ts";

const PROGRAM = new URL("../main.ts", import.meta.url).pathname;

/** "Within seconds", on a busy machine. */
const SOON_MS = 30_000;

/** A runtime folder, and processes that use it. */
class Place implements AsyncDisposable {
  readonly dir = Deno.makeTempDirSync({ prefix: "jmp-local-" });
  readonly #scope = new AsyncDisposableStack();
  readonly #env = {
    RUNTIME_DIRECTORY: this.dir,
    JUMPSTARTER_HOST: "",
    JMP_LOCAL_GROUP: "dialout",
    JMP_PYTHON: this.dir,
  };

  constructor() {
    this.#scope.defer(() => Deno.remove(this.dir, { recursive: true }));
  }

  /** Runs the exporter of a config, with more options of `jmp run`. */
  start(text: string, ...options: string[]): ExporterProcess {
    const config = `${this.dir}/exporter.yaml`;
    Deno.writeTextFileSync(config, text);
    const env = { ...this.#env, XDG_CONFIG_HOME: this.dir };
    return this.#scope.use(new ExporterProcess({ config, env, options }));
  }

  /** Runs `j`. */
  async j(...args: string[]): Promise<{ code: number; out: string; err: string }> {
    const [command, ...options] = running(PROGRAM);
    const { code, stdout, stderr } = await new Deno.Command(command!, {
      args: [...options, "j", ...args],
      env: { ...this.#env, NO_COLOR: "1" },
      stdin: "null",
    }).output();
    const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    return { code, out: out!, err: err! };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#scope.disposeAsync();
  }
}

const DONE = { code: 0, out: "", err: "" };

Deno.test("j --exporter uses a running exporter, yields to leases, and interferes by --force", async () => {
  await using controller = await TestController.start();
  controller.addExporter({ name: "demo" });
  controller.addClient({ name: "tester" });
  await using place = new Place();
  const exporter = place.start(controller.exporterConfigYaml("demo", EXPORT));
  await reported(controller, Status.EXPORTER_STATUS_AVAILABLE);

  assert.deepEqual(await place.j("--exporter", "demo", "power", "on"), DONE);
  await exporter.line(/local user root \(uid 0\) calls power\.on/);
  await exporter.line(/power on/);
  await exporter.line(/Local use ends: nobody uses the drivers any more/);

  const lease = controller.lease("demo", "tester");
  await reported(controller, Status.EXPORTER_STATUS_LEASE_READY);
  await using client = await controller.sessionClient(lease);
  await powerOn(client);
  const told: string[] = [];
  const reading = (async () => {
    for await (const { message, severity } of client.logs()) told.push(`${severity} ${message}`);
  })().catch(() => {});
  assert.deepEqual(await place.j("--exporter", "lab/demo", "power", "on"), {
    code: 1,
    out: "",
    err:
      `Error: demo is leased by tester (lease ${lease.name}): --force interferes all the same, ` +
      "and tells the client\n",
  });
  assert.deepEqual(await place.j("--exporter", "demo", "--force", "power", "off"), DONE);
  const user = "local user root (uid 0)";
  await until(() => told.includes(`INFO ${user} calls power.off`));
  assert.ok(told.includes(`WARNING ${user} uses the drivers during the lease, by --force`));
  await powerOn(client);
  controller.endLease(lease);
  await reported(controller, Status.EXPORTER_STATUS_AVAILABLE);
  await reading;

  const path = `${place.dir}/lab.demo.sock`;
  const info = await Deno.lstat(path);
  assert.equal(info.mode! & 0o777, 0o660);
  assert.notEqual(info.gid, 0);
  await exporter.kill("SIGTERM");
  await assert.rejects(Deno.lstat(path), Deno.errors.NotFound);
});

Deno.test("j --exporter tells a process that was killed; the next one takes its place", async () => {
  await using controller = await TestController.start();
  controller.addExporter({ name: "demo" });
  await using place = new Place();
  const text = controller.exporterConfigYaml("demo", EXPORT);
  const first = place.start(text);
  await reported(controller, Status.EXPORTER_STATUS_AVAILABLE);
  await first.kill("SIGKILL");
  const { code, err } = await place.j("--exporter", "demo", "power", "on");
  assert.equal(code, 1);
  assert.match(err, /^Error: the exporter 'demo' does not run on this host: its process has ended/);
  place.start(text);
  await until(async () => (await place.j("--exporter", "demo", "power", "on")).code === 0, SOON_MS);
});

Deno.test("j --exporter uses an exporter without a controller, and needs no passphrase", async () => {
  await using place = new Place();
  const config = {
    apiVersion: "jumpstarter.dev/v1alpha1",
    kind: "ExporterConfig",
    metadata: { namespace: "lab", name: "alone" },
    export: EXPORT,
  };
  const exporter = place.start(
    stringify(config),
    ...["--listen", `unix:${place.dir}/clients`, "--passphrase", "open sesame"],
  );
  await exporter.line(/Serving /);
  assert.deepEqual(await place.j("--exporter", `${place.dir}/exporter.yaml`, "power", "on"), DONE);
  await exporter.line(/local user root \(uid 0\) calls power\.on/);
  const { err } = await place.j("--force", "power", "on");
  assert.equal(err, "Error: --force needs --exporter NAME\n");
});

/** A driver whose client is not built in. */
const ODD = `export default ({ defineDriver, z }) => defineDriver({
  client: "acme.client.Odd",
  config: z.strictObject({}),
  open: () => ({ calls: {} }),
});
`;

Deno.test("j --exporter hands what it has no client for over to a Python j, by a socket", async () => {
  await using place = new Place();
  await Deno.mkdir(`${place.dir}/bin`);
  // A shell stands for the interpreter; ours for the official client.
  await Deno.symlink("/bin/sh", `${place.dir}/bin/python`);
  const ours = [...running(PROGRAM), "j", "power", "on"].join(" ");
  const script = `#!${place.dir}/bin/python\necho "$*" on "$JUMPSTARTER_HOST"; ${ours}; exit 7\n`;
  await Deno.writeTextFile(`${place.dir}/bin/j`, script, { mode: 0o755 });
  await Deno.writeTextFile(`${place.dir}/odd.ts`, ODD);
  const exporter = place.start(
    stringify({
      apiVersion: "jumpstarter.dev/v1alpha1",
      kind: "ExporterConfig",
      metadata: { namespace: "lab", name: "odd" },
      export: { ...EXPORT, odd: { type: "./odd.ts" } },
    }),
    ...["--listen", `unix:${place.dir}/clients`],
  );
  await exporter.line(/Serving /);
  const { code, out, err } = await place.j("--exporter", "odd", "odd", "do", "--fast");
  assert.deepEqual({ code, err }, { code: 7, err: "" });
  assert.match(out, /^odd do --fast on \/\S+\/session\n$/);
  await exporter.line(/local user root \(uid 0\) calls power\.on/);
});
