/** Controller and router are stopped with SIGSTOP inside a lease, and continued. @module */
import { stringify } from "yaml";
import { ExporterProcess } from "./exporter_process.ts";
import { type Bench, type Fault, pause } from "./fault.ts";
import { footprint, staysFlat } from "./footprint.ts";
import { EXPORT, FAST_KEEPALIVE } from "./lab.ts";
import { OfficialClient } from "./official_client.ts";
import { Peer } from "./peer.ts";

/** Times of a run, in seconds, and the keepalive that the exporter is configured with. */
interface Stops {
  readonly seconds: readonly number[];
  readonly grpcOptions: Record<string, number>;
  /** Time after which the exporter must have noticed, in seconds. */
  readonly noticed: number;
}

const QUICK: Stops = { seconds: [8], grpcOptions: FAST_KEEPALIVE, noticed: 10 };
const FULL: Stops = { seconds: [1, 8, 30, 90], grpcOptions: FAST_KEEPALIVE, noticed: 10 };
/** The exporter drops a connection that is silent for 40 s, unless the config says otherwise. */
const DEFAULT: Stops = { seconds: [90], grpcOptions: {}, noticed: 60 };

/** @see Fault */
export const peerStopped: Fault = {
  name: "peer-stopped",
  async run(bench) {
    // At the same time, because most of it is waiting.
    const stops = bench.quick ? [QUICK] : [FULL, DEFAULT];
    await Promise.all(stops.map((each) => stopAll(bench, each)));
  },
};

async function stopAll(bench: Bench, { seconds, grpcOptions, noticed }: Stops): Promise<void> {
  await using scope = new AsyncDisposableStack();
  const dir = await Deno.makeTempDir({ prefix: "jmp-fault-" });
  scope.defer(() => Deno.remove(dir, { recursive: true }));
  await Deno.writeTextFile(`${dir}/export.yaml`, stringify(EXPORT));
  const peer = scope.use(await Peer.start(`${dir}/export.yaml`));
  const config = await peer.exporterConfig(grpcOptions);
  const env = { RUNTIME_DIRECTORY: dir };
  const exporter = scope.use(new ExporterProcess({ config, env }));
  await peer.available(30_000);
  const client = scope.use(await OfficialClient.start(dir, peer.clientConfig, "demo"));
  const before = await footprint(exporter);
  for (const stopped of seconds) {
    await client.lease();
    await client.works();
    const { length } = exporter.lines;
    bench.inject(`controller and router are stopped for ${stopped} s`);
    peer.stop();
    await pause(stopped * 1_000);
    peer.continue();
    await bench.recovery(() => client.works());
    if (stopped > noticed) expectNotice(exporter.lines.slice(length));
    await client.release();
    await peer.available(30_000);
  }
  await staysFlat(bench, before, () => footprint(exporter));
}

function expectNotice(lines: readonly string[]): void {
  if (lines.some((line) => /Status failed/.test(line))) return;
  throw new Error(`Cannot see the exporter notice it, found:\n${lines.join("\n")}`);
}
