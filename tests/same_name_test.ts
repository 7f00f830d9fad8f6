/**
 * Two processes with the name of one exporter.
 *
 * | where              | the first            | the second                                         |
 * | ------------------ | -------------------- | -------------------------------------------------- |
 * | one host           | serves               | is refused (75), told whom to end; the first stays |
 * | one host           | serves as root       | of another user: is refused as well                |
 * | one host           | serves as a user     | of root: is refused as well                        |
 * | one host           | is shutting down     | waits, and begins when the first has unregistered  |
 * | one host           | is killed by SIGKILL | begins at once, though a hook's child lives on     |
 * | one host           | serves               | without a controller, or of another name: serves   |
 * | two hosts          | serves               | serves, too; who loses its clients to the other    |
 * |                    |                      | says so; the first is leasable again when the      |
 * |                    |                      | second has unregistered the name                   |
 */
import assert from "node:assert/strict";
import { parse, stringify } from "yaml";
import { ExporterStatus as Status } from "../src/wire/gen/jumpstarter/v1/common.ts";
import { TestController } from "./controller/controller.ts";
import { type ExporterRecord, key } from "./controller/records.ts";
import { until } from "./until.ts";
import { ExporterProcess } from "./faults/exporter_process.ts";
import { LOCAL_NAME } from "./faults/lab.ts";
import { EXPORT, Gate } from "./hook_lab.ts";
import { openHosts } from "./two_hosts.ts";

/** "Within seconds", on a busy machine. */
const SOON_MS = 30_000;

interface ProcessOptions {
  readonly name?: string;
  readonly user?: "root" | "nobody";
  readonly wrapper?: readonly string[];
  readonly extra?: Record<string, unknown>;
}

/** A controller with the exporter `demo`, and its processes. */
class Place implements AsyncDisposable {
  readonly dir = Deno.makeTempDirSync({ prefix: "jmp-same-name-" });
  readonly #scope = new AsyncDisposableStack();
  #count = 0;

  private constructor(readonly controller: TestController) {
    this.#scope.defer(() => Deno.remove(this.dir, { recursive: true }));
    this.#scope.use(controller);
    for (const name of ["demo", "other"]) controller.addExporter({ name });
    controller.addClient({ name: "tester" });
    // Other users must be able to read the configs.
    Deno.chmodSync(this.dir, 0o755);
  }

  static async open(host?: string): Promise<Place> {
    return new Place(await TestController.start(host ? { host } : {}));
  }

  get record(): ExporterRecord {
    return this.controller.store.exporters.get(key("lab", "demo"))!;
  }

  start({ name = "demo", user = "root", wrapper = [], extra = {} }: ProcessOptions = {}) {
    const folder = `${this.dir}/${this.#count++}`;
    Deno.mkdirSync(folder);
    Deno.chmodSync(folder, 0o755);
    Deno.mkdirSync(`${folder}/run`);
    if (user === "nobody") Deno.chownSync(`${folder}/run`, NOBODY, NOBODY);
    const text = this.controller.exporterConfigYaml(name, EXPORT, { grpcOptions: LOCAL_NAME });
    Deno.writeTextFileSync(`${folder}/exporter.yaml`, stringify({ ...parse(text), ...extra }));
    return this.#scope.use(
      new ExporterProcess({
        config: `${folder}/exporter.yaml`,
        env: { RUNTIME_DIRECTORY: `${folder}/run`, XDG_CONFIG_HOME: folder },
        wrapper,
        ...(user === "nobody" && { program: new URL("as_nobody.ts", import.meta.url).pathname }),
      }),
    );
  }

  /** Waits until the exporter can be leased. */
  async available(): Promise<void> {
    await until(() => {
      const { status, streams, reports } = this.record;
      return status === Status.EXPORTER_STATUS_AVAILABLE && streams > 0 && reports.length > 0;
    }, SOON_MS);
  }

  async works(): Promise<void> {
    const lease = this.controller.lease("demo", "tester");
    await until(() => this.record.status === Status.EXPORTER_STATUS_LEASE_READY, SOON_MS);
    this.controller.endLease(lease);
    await this.available();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#scope.disposeAsync();
  }
}

const NOBODY = 65534;

const KINDS = [
  ["a second process", "root", "root"],
  ["another user's second process", "root", "nobody"],
  ["root's second process", "nobody", "root"],
] as const;

for (const [what, first, second] of KINDS) {
  Deno.test(`${what} of one exporter is refused, and the first goes on`, async () => {
    assert.equal(Deno.uid(), 0, "this test runs as root");
    await using place = await Place.open();
    const one = place.start({ user: first });
    await place.available();
    const two = place.start({ user: second });
    assert.equal(await two.ended, 75, two.tail());
    const said = two.lines.join("\n");
    assert.match(
      said,
      new RegExp(`lab/demo is already running on this host.*: process ${one.pid}\\b`),
    );
    assert.match(said, /since \d{4}-\d\d-\d\d .*stop that one first: (kill|systemctl)/);
    const registered = place.controller.calls.filter(({ method }) => method === "Register");
    const peers = new Set(registered.map(({ peer }) => peer));
    assert.equal(peers.size, 1, "the second registered");
    await place.works();
  });
}

Deno.test("a second process begins when the first has said goodbye", async () => {
  await using place = await Place.open();
  using gate = new Gate();
  const hooks = { afterLease: { script: gate.wait, timeout: 60, onFailure: "warn" } };
  const one = place.start({ extra: { hooks } });
  await place.available();
  place.controller.lease("demo", "tester");
  await until(() => place.record.status === Status.EXPORTER_STATUS_LEASE_READY, SOON_MS);
  const ends = one.kill("SIGTERM");
  await until(() => place.record.status === Status.EXPORTER_STATUS_AFTER_LEASE_HOOK, SOON_MS);
  const two = place.start();
  await two.line(/Waiting for process \d+.*: it is shutting down/);
  gate.open();
  await ends;
  await two.line(/Registered as lab\/demo/);
  const methods = place.controller.calls.map(({ method }) => method);
  assert.ok(methods.lastIndexOf("Register") > methods.lastIndexOf("Unregister"), `${methods}`);
});

Deno.test("a process that was killed leaves no lock, though what its hook started lives on", async () => {
  await using place = await Place.open();
  const child = `${place.dir}/child`;
  const script = `sleep 300 & echo $! > ${child}.new; mv ${child}.new ${child}`;
  const hooks = { beforeLease: { script, timeout: 30, onFailure: "warn" } };
  const one = place.start({ extra: { hooks } });
  await place.available();
  place.controller.lease("demo", "tester");
  await until(() => place.record.status === Status.EXPORTER_STATUS_LEASE_READY, SOON_MS);
  const pid = Number(await Deno.readTextFile(child));
  try {
    await one.kill("SIGKILL");
    Deno.kill(pid, "SIGCONT");
    const two = place.start({ extra: { hooks } });
    await two.line(/Registered as lab\/demo/);
  } finally {
    Deno.kill(pid, "SIGKILL");
  }
});

Deno.test("who serves another name, or without a controller, is not concerned", async () => {
  await using place = await Place.open();
  place.start();
  await place.available();
  const other = place.start({ name: "other" });
  await other.line(/Registered as lab\/other/);
  const config = `${place.dir}/0/exporter.yaml`;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", new URL("../main.ts", import.meta.url).pathname],
      ...["shell", "--exporter-config", config, "--", "sh", "-c", "echo $JUMPSTARTER_HOST"],
    ],
  }).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  assert.equal(code, 0, decode(stderr));
  assert.match(decode(stdout), /\S/);
  await place.works();
});

Deno.test("two hosts that run one exporter say so, and the one that stays can be leased", async () => {
  assert.equal(Deno.uid(), 0, "this test runs as root");
  await using hosts = await openHosts();
  await using place = await Place.open(hosts.here);
  const { controller } = place;
  using _one = hosts.forward(controller.front.port);
  using _other = hosts.forward(controller.router.front.port);
  const [one, two] = hosts.wrappers.map((wrapper) => place.start({ wrapper }));
  for (const each of [one!, two!]) await each.line(/Registered as lab\/demo/);
  await place.available();
  const lease = controller.lease("demo", "tester");
  const both = [one!, two!].map((each) => {
    return each.line(/somebody else uses the name lab\/demo/, SOON_MS).then(() => each);
  });
  await Promise.any(both);
  Promise.allSettled(both);
  controller.endLease(lease);
  await place.available();
  assert.equal(await (two!.kill("SIGINT"), two!.ended), 130);
  assert.equal(place.record.status, Status.EXPORTER_STATUS_OFFLINE);
  await place.available();
  await place.works();
});
