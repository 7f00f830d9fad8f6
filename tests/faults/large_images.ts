/**
 * Images of every size in every encoding, flashed and dumped by the official client, locally
 * and through the router. Tests memory and time, not the network.
 *
 * @module
 */
import { ChildProcess } from "../official/process.ts";
import { standaloneConfig } from "../official/transports.ts";
import { type Bench, type Fault } from "./fault.ts";
import { running } from "./exporter_process.ts";
import { FLASHER } from "./flasher.ts";
import { flashCommand } from "./flash_client.ts";
import { peak, resetPeak } from "./footprint.ts";
import { EXPORT, Lab } from "./lab.ts";

const MIB = 1 << 20;
const PROGRAM = new URL("flash_exporter.ts", import.meta.url).pathname;
const ENCODINGS = ["gzip", "xz", "bz2", "zstd"];

/** What an exporter may have at once with a plain image of any size, in MB of 2^20 bytes: 200 of a million. */
const PEAK_MB = 190;
/**
 * The same for images that are packed on the way: decoders leave buffers behind faster than a client
 * sends, and on a busy machine the garbage collector runs late.
 */
const PACKED_PEAK_MB = 250;

/** An image, and the encodings in which it is sent besides plain. */
interface Image {
  readonly size: number;
  /** @default all */
  readonly encodings?: readonly string[];
  /** Whether it is incompressible. @default false */
  readonly noise?: boolean;
}

const QUICK: readonly Image[] = [
  { size: 0 },
  { size: 5 * MIB + 77 },
  { size: 48 * MIB, encodings: [], noise: true },
];

const FULL: readonly Image[] = [
  { size: 1 },
  ...QUICK,
  { size: 300_000_007 },
  { size: 1024 * MIB, encodings: [], noise: true },
  { size: 2048 * MIB },
];

/** @see Fault */
export const largeImages: Fault = {
  name: "large-images",
  async run(bench) {
    await using way = await routed();
    await transferAll(bench, way, bench.quick ? QUICK : FULL);
    await using direct = await local();
    // Encodings take the same time on either way, so one way is enough.
    const short = bench.quick ? [] : FULL.slice(0, -1);
    const largest = (bench.quick ? QUICK : FULL).at(-1)!;
    await transferAll(bench, direct, [...short, { ...largest, encodings: [] }]);
  },
};

/** An exporter, and the way of an official client to it. */
interface Way extends AsyncDisposable {
  readonly name: string;
  readonly dir: string;
  readonly pid: number;
  /** The file that the exporter writes to and reads from. */
  readonly store: string;
  readonly env: Readonly<Record<string, string>>;
}

function drivers(store: string, allowEmpty: boolean): Record<string, unknown> {
  const config = { device: store, allow_empty: allowEmpty };
  return { ...EXPORT, storage: { type: FLASHER, config } };
}

async function routed(): Promise<Way> {
  const dir = await Deno.makeTempDir({ prefix: "jmp-images-" });
  const store = `${dir}/store`;
  const lab = await Lab.start({ program: PROGRAM, export: drivers(store, true) });
  const lease = lab.controller.lease("demo", "tester");
  return {
    name: "through the router",
    dir,
    pid: lab.exporter.pid,
    store,
    env: { TEST_CLIENT_CONFIG: await lab.clientConfig(), JMP_LEASE: lease.name },
    async [Symbol.asyncDispose]() {
      await lab[Symbol.asyncDispose]();
      await Deno.remove(dir, { recursive: true });
    },
  };
}

/** Over a local socket. */
export async function local(allowEmpty = true): Promise<Way> {
  const dir = await Deno.makeTempDir({ prefix: "jmp-images-" });
  const [store, config, socket] = [`${dir}/store`, `${dir}/exporter.yaml`, `${dir}/exporter.sock`];
  await Deno.writeTextFile(config, standaloneConfig(drivers(store, allowEmpty)), { mode: 0o600 });
  const args = ["run", "--exporter-config", config, "--listen", `unix:${socket}`];
  const child = new ChildProcess([...running(PROGRAM), ...args]);
  await child.saying(/Serving .* on unix:/);
  return {
    name: "over a local socket",
    dir,
    pid: child.pid,
    store,
    env: { JUMPSTARTER_HOST: socket },
    async [Symbol.asyncDispose]() {
      await child[Symbol.asyncDispose]();
      await Deno.remove(dir, { recursive: true });
    },
  };
}

async function transferAll(bench: Bench, way: Way, images: readonly Image[]): Promise<void> {
  let highest = 0;
  for (const { size, noise = false, encodings = ENCODINGS } of images) {
    const file = `${way.dir}/image`;
    await flashCommand([noise ? "noise" : "make", file, String(size)]);
    for (const encoding of [undefined, ...encodings]) {
      bench.inject(`${size} bytes ${way.name}, ${encoding ?? "plain"}`);
      const start = performance.now();
      await resetPeak(way.pid);
      await Deno.writeFile(way.store, new Uint8Array());
      const compression = encoding === undefined ? [] : [encoding];
      await flashCommand(["round", file, way.store, ...compression], way.env);
      bench.recovered(performance.now() - start);
      const most = await peak(way.pid);
      highest = Math.max(highest, most);
      const bound = encoding === undefined ? PEAK_MB : PACKED_PEAK_MB;
      if (most <= bound) continue;
      const expected = `Cannot keep memory flat: expected at most ${bound} MB`;
      throw new Error(`${expected}, found ${most} MB with ${size} bytes ${encoding ?? "plain"}`);
    }
  }
  bench.note(`${way.name}: at most ${highest} MB at once, in ${images.length} sizes`);
}
