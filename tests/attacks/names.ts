/** Two exporters of one name on one host. @module */
import { ExporterStatus } from "../../src/wire/gen/jumpstarter/v1/common.ts";
import { TestController } from "../controller/controller.ts";
import { key } from "../controller/records.ts";
import { until } from "../until.ts";
import type { HostAttack } from "./host.ts";

const NAMED = { "grpc.ssl_target_name_override": "localhost" };

const secondOfAName: HostAttack = {
  name: "second-of-a-name",
  async run(host) {
    await using controller = await TestController.start();
    const record = controller.addExporter({ name: "attacked" });
    controller.addClient({ name: "tester" });
    const tree = { power: { type: "jumpstarter_driver_power.driver.MockPower" } };
    const hooks = { beforeLease: { script: `echo ran >>${host.dir}/runs` } };
    const text = controller.exporterConfigYaml("attacked", tree, { hooks, grpcOptions: NAMED });
    const args = ["run", "--exporter-config", await host.write("exporter.yaml", text)];
    const first = host.start(args);
    await first.saying(/Registered as/);
    const second = await host.run(args);
    if (second.code === 0) throw new Error("a second one of the name ran and ended in order");
    if (!second.stderr.includes(String(first.pid))) {
      throw new Error(`expected the first one's pid ${first.pid}, found ${second.stderr}`);
    }
    const lease = controller.lease("attacked", "tester");
    await until(() => record.status === ExporterStatus.EXPORTER_STATUS_LEASE_READY, 20_000);
    const runs = (await Deno.readTextFile(`${host.dir}/runs`)).trim().split("\n").length;
    if (runs !== 1) throw new Error(`a hook ran ${runs} times`);
    controller.endLease(lease);
    first.kill("SIGKILL");
    await first.finished(20_000);
    // A killed exporter leaves nothing that blocks the next one.
    const next = host.start(args);
    await next.saying(/Registered as/);
    next.kill("SIGTERM");
    await next.finished(20_000);
    return `refused: ${second.stderr.split("\n").at(-2)?.slice(0, 90)}`;
  },
};

const recreated: HostAttack = {
  name: "deleted-and-created-anew",
  async run(host) {
    await using controller = await TestController.start();
    controller.addExporter({ name: "attacked" });
    controller.addClient({ name: "tester" });
    const tree = { power: { type: "jumpstarter_driver_power.driver.MockPower" } };
    const text = controller.exporterConfigYaml("attacked", tree, { grpcOptions: NAMED });
    const token = /^token: (.+)$/m.exec(text)![1]!;
    const tokenFile = await host.write("token", token);
    const config = text.replace(/^token: .+$/m, `tokenFile: ${tokenFile}`);
    const exporter = host.start([
      "run",
      "--exporter-config",
      await host.write("exporter.yaml", config),
    ]);
    await exporter.saying(/Registered as/);
    controller.store.exporters.delete(key("lab", "attacked"));
    const record = controller.addExporter({ name: "attacked", token: "created-anew" });
    await host.write("token", "created-anew");
    const start = performance.now();
    const leasable = () =>
      record.reports.length > 0 && record.status === ExporterStatus.EXPORTER_STATUS_AVAILABLE;
    await until(leasable, 60_000);
    const seconds = ((performance.now() - start) / 1_000).toFixed(1);
    controller.lease("attacked", "tester");
    await until(() => record.status === ExporterStatus.EXPORTER_STATUS_LEASE_READY, 20_000);
    exporter.kill("SIGTERM");
    await exporter.finished(30_000);
    return `leasable again after ${seconds} s`;
  },
};

/** In the order in which they run. */
export const names: readonly HostAttack[] = [secondOfAName, recreated];
