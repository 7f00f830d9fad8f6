import assert from "node:assert/strict";
import { ExporterStatus } from "../../src/wire/gen/jumpstarter/v1/common.ts";
import { TestController } from "../controller/controller.ts";
import { type Client, succeeds } from "./client.ts";
import type { ExporterProcess } from "./exporter.ts";
import { ChildProcess } from "./process.ts";
import { openSite } from "./site.ts";
import { startLeasable, until } from "./transports.ts";

const { EXPORTER_STATUS_AVAILABLE: AVAILABLE, EXPORTER_STATUS_LEASE_READY: READY } = ExporterStatus;

const TREE = { power: { type: "jumpstarter_driver_power.driver.MockPower" } };

/** A controller with exporters, each labelled `board=NAME`, and a config for each client. */
interface Lab extends AsyncDisposable {
  readonly controller: TestController;
  readonly exporters: readonly ExporterProcess[];
  readonly client: Client;
  /** `jmp shell` of a client that leases one board. */
  shell(client: string, board: string, ...command: string[]): string[];
  config(client: string): string;
}

async function openLab(...boards: string[]): Promise<Lab> {
  await using stack = new AsyncDisposableStack();
  const site = stack.use(await openSite());
  const controller = stack.use(await TestController.start());
  for (const name of ["alice", "bob"]) {
    controller.addClient({ name });
    await site.write(`${name}.yaml`, controller.clientConfigYaml(name, { unsafe: true }));
  }
  const exporters: ExporterProcess[] = [];
  for (const board of boards) {
    exporters.push(stack.use(await startLeasable(site, controller, board, TREE)));
  }
  const owned = stack.move();
  const config = (client: string) => `${site.dir}/${client}.yaml`;
  return {
    controller,
    exporters,
    client: site.client,
    config,
    shell: (client, board, ...command) => [
      ...["jmp", "shell", "--client-config", config(client)],
      ...["--selector", `board=${board}`, "--", ...command],
    ],
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** The exporter's statuses without repetitions. */
function statuses(controller: TestController, board: string): ExporterStatus[] {
  const { history } = controller.store.exporters.get(`lab/${board}`)!;
  const all = history.map(({ status }) => status);
  return all.filter((status, index) => status !== all[index - 1]);
}

Deno.test("jmp shell leases an exporter five times in a row and leaves it available", async () => {
  await using lab = await openLab("one");
  const { client, controller, shell } = lab;
  await succeeds(client.run(shell("alice", "one", "j", "power", "on"), {}));
  const command = ["sh", "-c", 'test -n "$JMP_LEASE" && exit 7'];
  for (let lease = 2; lease <= 5; lease++) {
    const { code, stderr } = await client.run(shell("alice", "one", ...command), {});
    assert.equal(code, 7, stderr);
  }
  const leases = [...controller.store.leases.values()];
  assert.deepEqual(leases.map(({ endReason }) => endReason), Array(5).fill("Released"));
  await until(() => statuses(controller, "one").at(-1) === AVAILABLE, () => "AVAILABLE");
  // A status that the next one replaces is never sent; these two wait for each other.
  const reached = statuses(controller, "one").filter((status) => status === READY);
  assert.equal(reached.length, 5);
});

Deno.test("a transferred lease serves its new client, and the former one no more", async () => {
  await using lab = await openLab("one");
  const { client, controller, config, exporters } = lab;
  const lease = controller.lease("one", "alice");
  const shell = (name: string, ...command: string[]) => [
    ...["jmp", "shell", "--client-config", config(name), "--lease", lease.name, "--"],
    ...command,
  ];
  const script = "j power on && echo begun && read line && j power off";
  await using former = new ChildProcess(shell("alice", "sh", "-c", script), {
    env: client.env,
    keepStdin: true,
  });
  await former.saying(/^begun$/m);
  const update = ["jmp", "update", "lease", lease.name, "--to-client", "bob"];
  await succeeds(client.run([...update, "--client-config", config("alice")], {}));
  await exporters[0]!.child.saying(/The lease was transferred from alice to bob/);
  await succeeds(client.run(shell("bob", "j", "power", "on"), {}));
  await former.type("go on\n");
  assert.notEqual((await former.finished()).code, 0);
  const switched = exporters[0]!.child.log.match(/: power (on|off)$/gm);
  assert.deepEqual(switched, [": power on", ": power on"]);
});

Deno.test("a lease made beforehand serves one client after the other", async () => {
  await using lab = await openLab("one");
  const { client, controller, config } = lab;
  const lease = controller.lease("one", "alice");
  const shell = ["jmp", "shell", "--client-config", config("alice"), "--lease", lease.name, "--"];
  for (const word of ["on", "off"]) await succeeds(client.run([...shell, "j", "power", word], {}));
  assert.equal(lease.end, undefined);
  assert.equal(statuses(controller, "one").at(-1), READY);
});

Deno.test("EndSession makes the exporter available to its client, and the lease goes on", async () => {
  await using lab = await openLab("one");
  const { client, controller, config } = lab;
  const lease = controller.lease("one", "alice");
  const env = { TEST_CLIENT_CONFIG: config("alice"), JMP_LEASE: lease.name };
  assert.equal(await client.show("end_session", env), "LEASE_READY");
  assert.equal(lease.end, undefined);
  // The controller may not give it out again before that: its session is still open.
  assert.equal(statuses(controller, "one").at(-1), READY);
  controller.endLease(lease);
  await until(() => statuses(controller, "one").at(-1) === AVAILABLE, () => "AVAILABLE");
  // The same exporter is then there for the next client.
  await succeeds(client.run(lab.shell("bob", "one", "j", "power", "off"), {}));
});

Deno.test("an expired lease ends the client's connection, and the next lease works", async () => {
  await using lab = await openLab("one");
  const { client, controller, config } = lab;
  const lease = controller.lease("one", "alice");
  const env = { TEST_CLIENT_CONFIG: config("alice"), JMP_LEASE: lease.name };
  await using holder = client.start("outlive_lease", { env });
  await holder.saying(/"leased"/);
  controller.endLease(lease, "Expired");
  const { code, stdout, stderr } = await holder.finished();
  assert.equal(code, 0, stderr);
  assert.match(stdout, /"class": "(DriverError|ConnectionError)"/);
  await succeeds(client.run(lab.shell("bob", "one", "j", "power", "off"), {}));
});

Deno.test("two clients use two exporters at the same time", async () => {
  await using lab = await openLab("one", "two");
  const { client, shell } = lab;
  const talk = "j power on && j power read";
  const both = [["alice", "one"], ["bob", "two"]] as const;
  const outputs = await Promise.all(
    both.map(([name, board]) => succeeds(client.run(shell(name, board, "sh", "-c", talk), {}))),
  );
  for (const output of outputs) assert.match(output, /voltage=5\.0 V/);
  for (const { child } of lab.exporters) assert.equal(child.log.match(/power on/g)?.length, 1);
});
