/** A flash is cut off: by its client, the router, a full, vanished or failing device. @module */
import { basename } from "node:path";
import { faultyDevice, loopDevice } from "../../src/hardware/storage/testing.ts";
import { until } from "../until.ts";
import { EXPORT, Lab } from "./lab.ts";
import { type Bench, type Fault, pause } from "./fault.ts";
import { FLASHER } from "./flasher.ts";
import { FlashCommand, flashCommand } from "./flash_client.ts";

const MIB = 1 << 20;

/** The image that is cut off is larger than what the kernel and all buffers take at once. */
const IMAGE = 160 * MIB;

/** How much of it is written before the cut. */
const WRITTEN = 32 * MIB;

/** How long a flash may take to fail: a hang guard. */
const NOTICED_MS = 120_000;

/**
 * How long the next flash may take. A router notices a vanished client only when it sends
 * something to it: at the latest the session's own keepalive.
 */
const RECOVERY_MS = 120_000;

/** The exporter's log line for a client that vanished during its upload. */
const LEFT = /Cannot write to \S+ .*(it was cancelled|expected the rest of the image)/;

/** @see Fault */
export const flashCut: Fault = {
  name: "flash-cut",
  async run(bench) {
    const rounds = bench.quick ? 1 : 5;
    for (let round = 0; round < rounds; round++) {
      await onCard(bench, round > 0);
      await onFailingCard(bench);
    }
  },
};

/** A lab whose exporter writes to `device`, under a lease, and how to flash there. */
class FlashLab implements AsyncDisposable {
  readonly #scope: AsyncDisposableStack;

  private constructor(
    readonly lab: Lab,
    readonly device: string,
    readonly env: Readonly<Record<string, string>>,
    scope: AsyncDisposableStack,
  ) {
    this.#scope = scope;
  }

  static async start(device: string): Promise<FlashLab> {
    await using scope = new AsyncDisposableStack();
    const storage = { type: FLASHER, config: { device } };
    const program = new URL("flash_exporter.ts", import.meta.url).pathname;
    const lab = scope.use(await Lab.start({ program, export: { ...EXPORT, storage } }));
    const lease = lab.controller.lease("demo", "tester");
    const env = { TEST_CLIENT_CONFIG: await lab.clientConfig(), JMP_LEASE: lease.name };
    await flashCommand(["noise", `${lab.dir}/large`, String(IMAGE)]);
    await flashCommand(["noise", `${lab.dir}/small`, String(MIB + 77)]);
    return new FlashLab(lab, device, env, scope.move());
  }

  /** Starts to flash, and resolves when a good part is written. */
  async flashing(): Promise<FlashCommand> {
    const before = await this.#written();
    const flash = await FlashCommand.start(["flash", `${this.lab.dir}/large`], this.env);
    const deadline = Date.now() + NOTICED_MS;
    while (await this.#written() < before + WRITTEN) {
      if (Date.now() > deadline) throw new Error("Cannot see the flash write anything");
      await pause(5);
    }
    return flash;
  }

  /** Flashes an image that fits, in the same lease, and compares what the device has. */
  async works(): Promise<void> {
    const image = `${this.lab.dir}/small`;
    await flashCommand(["flash", image], this.env);
    const [expected, found] = await Promise.all([Deno.readFile(image), this.#content(MIB + 77)]);
    if (Buffer.compare(expected, found) === 0) return;
    throw new Error("Cannot see the image on the device: it holds something else");
  }

  /** Flashes the image that is too large or will be cut off. @returns the client's error */
  async fails(pattern: RegExp): Promise<void> {
    await using flash = await FlashCommand.start(["flash", `${this.lab.dir}/large`], this.env);
    await expectFailure(flash, pattern);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#scope.disposeAsync();
  }

  /** Bytes that the kernel has written to the device since its creation. */
  async #written(): Promise<number> {
    const stat = await Deno.readTextFile(`/sys/block/${basename(this.device)}/stat`);
    return Number(stat.trim().split(/\s+/)[6]) * 512;
  }

  async #content(length: number): Promise<Uint8Array> {
    using file = await Deno.open(this.device);
    const content = new Uint8Array(length);
    for (let filled = 0; filled < length;) {
      filled += await file.read(content.subarray(filled)) ?? length;
    }
    return content;
  }
}

async function expectFailure(flash: FlashCommand, pattern: RegExp): Promise<void> {
  const { ok, error = "" } = await flash.said(NOTICED_MS);
  if (ok) throw new Error(`Cannot see the flash fail with ${pattern}: it succeeded`);
  if (!pattern.test(error)) throw new Error(`Cannot see the flash fail with ${pattern}: ${error}`);
}

/** Cuts that leave the card as it is, and cards that are too small or pulled. */
async function onCard(bench: Bench, wait: boolean): Promise<void> {
  await using card = await loopDevice(256 * MIB);
  await using cut = await FlashLab.start(card.path);
  const { lab } = cut;
  await cut.works();
  await flashCommand(["flash", `${lab.dir}/large`], cut.env);
  const before = await lab.footprint();
  {
    await using flash = await cut.flashing();
    bench.inject("the client is killed in a flash");
    await flash.kill();
    await lab.exporter.line(LEFT, NOTICED_MS);
  }
  await bench.recovery(() => cut.works(), RECOVERY_MS);
  {
    await using _flash = await cut.flashing();
    bench.inject("the router is killed in a flash");
    await lab.controller.router.front.stop();
    if (wait) await pause(2_000);
    await lab.controller.router.front.start();
    // Official clients do not notice every break; the exporter must.
    await until(() => lab.exporter.lines.filter((line) => LEFT.test(line)).length > 1, NOTICED_MS);
  }
  await bench.recovery(() => cut.works(), RECOVERY_MS);
  {
    await using flash = await cut.flashing();
    bench.inject("the card is pulled in a flash");
    await card.resize(0);
    await expectFailure(flash, /expected the device to stay, found it gone/);
    await card.resize(256 * MIB);
  }
  await bench.recovery(() => cut.works(), RECOVERY_MS);
  await card.resize(64 * MIB);
  bench.inject("the card is too small");
  await cut.fails(/expected an image of at most 67108864 bytes .*found a larger one/);
  await bench.recovery(() => cut.works(), RECOVERY_MS);
  await lab.staysFlat(bench, before);
}

async function onFailingCard(bench: Bench): Promise<void> {
  await using card = await faultyDevice(256 * MIB);
  await using cut = await FlashLab.start(card.path);
  await cut.works();
  bench.inject("the card has an error");
  await card.tell(`write EIO ${100 * MIB}`);
  await cut.fails(/after \d+\.\d MB: expected the device to take its data, found an error of it/);
  await card.tell("clear");
  await bench.recovery(() => cut.works(), RECOVERY_MS);
  {
    await card.tell(`stall ${100 * MIB}`);
    await using flash = await cut.flashing();
    bench.inject("the card does not answer, and the client is killed");
    await pause(1_000);
    await flash.kill();
    await card.tell("clear");
  }
  await bench.recovery(() => cut.works(), RECOVERY_MS);
  bench.inject("the card dies");
  await card.kill();
  await cut.fails(/expected the device to take its data|found a device that does not answer/);
}
