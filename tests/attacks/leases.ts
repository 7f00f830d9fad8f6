/** What a lease must not give to those who have none any more, or were never meant to know. @module */
import { ExporterStatus } from "../../src/wire/gen/jumpstarter/v1/common.ts";
import { ask } from "../controller/ask.ts";
import { TestController } from "../controller/controller.ts";
import { until } from "../controller/until.ts";
import type { ChildProcess } from "../official/process.ts";
import type { Host, HostAttack } from "./host.ts";

const TREE = { power: { type: "jumpstarter_driver_power.driver.MockPower" } };
const NAMED = { "grpc.ssl_target_name_override": "localhost" };
const CLIENTS = ["former", "heir"];

/** An exporter that is leased by `former`, and what it took. */
async function leased(host: Host, controller: TestController, hooks: Record<string, unknown>) {
  const record = controller.addExporter({ name: "attacked" });
  for (const name of CLIENTS) controller.addClient({ name });
  const config = controller.exporterConfigYaml("attacked", TREE, { hooks, grpcOptions: NAMED });
  const token = /^token: (.+)$/m.exec(config)![1]!;
  // The token is in the environment alone.
  const file = await host.write("exporter.yaml", config.replace(/^token: .+\n/m, ""));
  const exporter = host.start(["run", "--exporter-config", file], { JMP_TOKEN: token });
  await exporter.saying(/Registered as/);
  const lease = controller.lease("attacked", "former");
  await until(() => record.status === ExporterStatus.EXPORTER_STATUS_LEASE_READY, 20_000);
  return { exporter, lease, token };
}

async function end(exporter: ChildProcess): Promise<void> {
  exporter.kill("SIGTERM");
  await exporter.finished(30_000);
}

const transferred: HostAttack = {
  name: "transferred-lease",
  async run(host) {
    await using controller = await TestController.start();
    const after = `echo "$CLIENT_NAME" >${host.dir}/after`;
    const { exporter, lease } = await leased(host, controller, { afterLease: { script: after } });
    await using former = await controller.sessionClient(lease);
    await ask(former.exporter, "getReport", {});
    controller.transferLease(lease, "heir");
    await using heir = await controller.sessionClient(lease);
    await ask(heir.exporter, "getReport", {});
    const still = await ask(former.exporter, "getReport", {}).then(() => true, () => false);
    if (still) throw new Error("the former client's connection still works");
    controller.endLease(lease);
    await exporter.saying(/The lease is over/);
    const told = (await Deno.readTextFile(`${host.dir}/after`)).trim();
    if (told !== "heir") throw new Error(`afterLease was told of ${told}`);
    await end(exporter);
    return "the former client is out, afterLease knows the new one";
  },
};

const secrets: HostAttack = {
  name: "secrets-in-hooks",
  async run(host) {
    await using controller = await TestController.start();
    const before = { script: "env; cat /proc/$PPID/environ || true" };
    const { exporter, lease, token } = await leased(host, controller, { beforeLease: before });
    await using client = await controller.sessionClient(lease);
    const stream = client.exporter.logStream({});
    let heard = "";
    stream.on("data", ({ message }: { message: string }) => heard += `${message}\n`);
    stream.on("error", () => {});
    await until(() => heard.includes("JUMPSTARTER_HOST"), 20_000);
    stream.cancel();
    await end(exporter);
    if ((heard + exporter.log).includes(token)) throw new Error("a client can read the token");
    return "a hook that prints all that it finds";
  },
};

/** In the order in which they run. */
export const leases: readonly HostAttack[] = [transferred, secrets];
