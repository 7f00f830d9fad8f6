/** The exporter's network is cut inside a lease, in three ways. @module */
import { type Bench, type Fault, pause } from "./fault.ts";
import { FAST_KEEPALIVE, Lab } from "./lab.ts";
import type { Link } from "./link.ts";

/** A cut, and the bound of the recovery from it. */
interface Cut {
  readonly what: string;
  readonly cut: (link: Link) => unknown;
  readonly boundMs: number;
  readonly grpcOptions?: Record<string, number>;
}

const CUTS: readonly Cut[] = [
  { what: "bytes wait", cut: (link) => link.hold(), boundMs: 30_000 },
  { what: "bytes vanish", cut: (link) => link.lose(), boundMs: 30_000 },
  { what: "connections are refused", cut: (link) => link.refuse(), boundMs: 30_000 },
];

/** By default the exporter drops a silent connection after 40 s, while it is still cut off. */
const PATIENT: Cut = {
  what: "bytes vanish, with the default keepalive",
  cut: (link) => link.lose(),
  boundMs: 30_000,
  grpcOptions: {},
};

/** @see Fault */
export const networkCut: Fault = {
  name: "network-cut",
  async run(bench) {
    // At the same time, because most of it is waiting.
    await Promise.all((bench.quick ? CUTS : [...CUTS, PATIENT]).map((cut) => cutOnce(bench, cut)));
  },
};

async function cutOnce(bench: Bench, { what, cut, boundMs, grpcOptions }: Cut): Promise<void> {
  await using lab = await Lab.start({ grpcOptions: grpcOptions ?? FAST_KEEPALIVE });
  await using client = await lab.official();
  await lab.leaseWorks();
  const before = await lab.footprint();
  await client.lease();
  await client.transfer();
  const awayMs = bench.quick ? 10_000 : 90_000;
  bench.inject(`the network is cut for ${awayMs / 1_000} s: ${what}`);
  await Promise.all(Object.values(lab.links).map(cut));
  await pause(awayMs);
  await Promise.all(Object.values(lab.links).map((link) => link.restore()));
  await bench.recovery(() => client.works(boundMs), boundMs);
  await client.stop();
  await client.release();
  await lab.available();
  await lab.leaseWorks();
  await lab.staysFlat(bench, before);
}
