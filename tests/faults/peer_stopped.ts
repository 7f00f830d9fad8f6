/** Controller and router are stopped with SIGSTOP inside a lease, and continued. @module */
import { stringify } from "yaml";
import { ExporterProcess } from "./exporter_process.ts";
import { type Fault, pause } from "./fault.ts";
import { compare, footprint, growth } from "./footprint.ts";
import { EXPORT, FAST_KEEPALIVE } from "./lab.ts";
import { OfficialClient } from "./official_client.ts";
import { Peer } from "./peer.ts";

/** @see Fault */
export const peerStopped: Fault = {
  name: "peer-stopped",
  async run(bench) {
    await using scope = new AsyncDisposableStack();
    const dir = await Deno.makeTempDir({ prefix: "jmp-fault-" });
    scope.defer(() => Deno.remove(dir, { recursive: true }));
    await Deno.writeTextFile(`${dir}/export.yaml`, stringify(EXPORT));
    const peer = scope.use(await Peer.start(`${dir}/export.yaml`));
    const config = await peer.exporterConfig(FAST_KEEPALIVE);
    const env = { RUNTIME_DIRECTORY: dir };
    const exporter = scope.use(new ExporterProcess({ config, env }));
    await peer.available(30_000);
    const client = scope.use(await OfficialClient.start(dir, peer.clientConfig, "demo"));
    const before = await footprint(exporter);
    for (const stoppedMs of bench.quick ? [8_000] : [1_000, 8_000, 30_000, 90_000]) {
      await client.lease();
      await client.works();
      const { length } = exporter.lines;
      bench.inject(`controller and router are stopped for ${stoppedMs / 1_000} s`);
      peer.stop();
      await pause(stoppedMs);
      peer.continue();
      await bench.recovery(() => client.works());
      if (stoppedMs > 10_000) expectNotice(exporter.lines.slice(length));
      await client.release();
      await peer.available(30_000);
    }
    const now = await footprint(exporter);
    const grown = growth(before, now);
    if (grown) throw new Error(`Cannot see the exporter stay as it was: ${grown}`);
    bench.note(compare(before, now));
  },
};

function expectNotice(lines: readonly string[]): void {
  if (lines.some((line) => /Status failed/.test(line))) return;
  throw new Error(`Cannot see the exporter notice it, found:\n${lines.join("\n")}`);
}
