/** Access that must end with a lease, and secrets that no client may read. @module */
import { stringify } from "yaml";
import { driverUuid } from "../../src/tree/uuid.ts";
import { ExporterStatus } from "../../src/wire/gen/jumpstarter/v1/common.ts";
import { TestController } from "../controller/controller.ts";
import { until } from "../until.ts";
import type { ChildProcess } from "../official/process.ts";
import { driverCall, field } from "./bytes.ts";
import type { Host, HostAttack } from "./host.ts";
import { Peer } from "./peer.ts";
import { socketWire } from "./wire.ts";

const TREE = { power: { type: "jumpstarter_driver_power.driver.MockPower" } };
const NAMED = { "grpc.ssl_target_name_override": "localhost" };
const CLIENTS = ["former", "heir"];

/** An exporter that is leased by `former`, and the log of its calls. */
async function leased(host: Host, controller: TestController, hooks: Record<string, unknown>) {
  const record = controller.addExporter({ name: "attacked" });
  for (const name of CLIENTS) controller.addClient({ name });
  const config = controller.exporterConfigYaml("attacked", TREE, { hooks, grpcOptions: NAMED });
  const token = /^token: (.+)$/m.exec(config)![1]!;
  // The token is only in the environment.
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
    await former.report();
    controller.transferLease(lease, "heir");
    await exporter.saying(/transferred from former to heir/);
    await using heir = await controller.sessionClient(lease);
    await heir.report();
    const still = await former.report().then(() => true, () => false);
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
    let heard = "";
    for await (const { message } of client.logs({ timeoutMs: 20_000 })) {
      heard += `${message}\n`;
      if (heard.includes("JUMPSTARTER_HOST")) break;
    }
    await end(exporter);
    if ((heard + exporter.log).includes(token)) throw new Error("a client can read the token");
    return "a hook that prints all that it finds";
  },
};

/** A name that imitates a log line and contains terminal escapes. */
const FORGED = "a\n2026-01-01T00:00:00.000Z CRITICAL forged\r\u001b[2J\u001b]0;x\u0007\u2028forged";

const forgedLines: HostAttack = {
  name: "forged-lines",
  async run(host) {
    const root = await host.folder(`${host.dir}/storage`);
    const file = await host.write("exporter.yaml", stringify(storageAt(root)));
    const socket = `${host.dir}/socket`;
    const args = ["run", "--exporter-config", file, "--listen", `unix:${socket}`];
    const exporter = host.start(["--log-level", "debug", "--log-format", "text", ...args]);
    await exporter.saying(/Serving/);
    const conn = await Deno.connect({ transport: "unix", path: socket });
    using peer = new Peer(socketWire(conn));
    await peer.greet();
    const uuid = driverUuid(IDENTITY, "storage");
    const open = driverCall(uuid, "open", field(3, FORGED), field(3, "wb"));
    const { status, text } = await peer.answer(await peer.start("DriverCall", open));
    if (status !== "0") throw new Error(`Cannot attack: ${text}`);
    await end(exporter);
    if (!exporter.log.includes("forged")) throw new Error("the log does not name the file at all");
    // deno-lint-ignore no-control-regex
    const strange = /^\S*(2026-01-01|forged)|[\u0000-\u0008\u000b-\u001f\u007f\u2028]/m;
    if (strange.test(exporter.log)) throw new Error("a client forged a line of the log");
    return "a file whose name has line breaks and escapes";
  },
};

const IDENTITY = { namespace: "lab", name: "attacked" };

/** A config with a storage, which logs the names of files that clients create. */
function storageAt(root: string): Record<string, unknown> {
  const type = "jumpstarter_driver_opendal.driver.Opendal";
  return {
    apiVersion: "jumpstarter.dev/v1alpha1",
    kind: "ExporterConfig",
    metadata: IDENTITY,
    export: { storage: { type, config: { scheme: "fs", kwargs: { root } } } },
  };
}

/** In the order in which they run. */
export const leases: readonly HostAttack[] = [transferred, secrets, forgedLines];
