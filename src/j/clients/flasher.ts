/** Flashers: `FlasherClient` of two official packages, and `StorageMuxFlasherClient`. @module */
import type { DriverClient } from "../../client/driver_client.ts";
import type { JCommand } from "../command.ts";
import { type ClientCommands, type Context, subcommand } from "../context.ts";
import { openSink, openSource, type Sink, type Source } from "../transfer_ends.ts";
import { addCompression, receive, send, type Transfer, type UseResource } from "../transfer.ts";
import { checkImages, type Image, imagesOf, type Restrictions } from "./images.ts";
import { runRemotely } from "./remote_command.ts";
import { atHost, storageMux } from "./storage.ts";

/** A class of flashers. */
interface Flasher extends Restrictions {
  flash(transfer: Transfer, source: Source, target: string | null): Promise<void>;
  dump(transfer: Transfer, sink: Sink, target: string | null): Promise<void>;
  /** Flashes images that are neither files nor URLs; resolves to false for others. */
  flashOtherwise?(images: readonly Image[], transfer: Transfer): Promise<boolean>;
}

/** A driver with the methods `flash` and `dump`. */
const plain: Flasher = {
  urlCompression: "refused",
  async flash(transfer, source, target) {
    await send(transfer, source, callOf(transfer, "flash", target));
  },
  async dump(transfer, sink, target) {
    await receive(transfer, sink, callOf(transfer, "dump", target));
  },
};

/** A driver whose storage is written while the host has it. */
const mux: Flasher = {
  urlCompression: "refused",
  noTargets: "a storage mux has no targets",
  async flash(transfer, source) {
    await atHost(transfer, () => send(transfer, source, callOf(transfer, "write")));
  },
  async dump(transfer, sink) {
    await atHost(transfer, () => receive(transfer, sink, callOf(transfer, "read")));
  },
};

/** `jumpstarter_driver_opendal.client.FlasherClient` */
export const flasher: ClientCommands = {
  summary: "Flasher",
  add: (command, driver, context) => addFlasher(plain, command, driver, context),
};

/** `jumpstarter.client.flasher.FlasherClient`, which its package exports as well. */
export const coreFlasher: ClientCommands = {
  summary: flasher.summary,
  add(command, driver, context) {
    addFlasher({ ...plain, urlCompression: "ignored" }, command, driver, context);
  },
};

/** `jumpstarter_driver_qemu.client.QemuFlasherClient`, whose exporter also fetches `oci://` images. */
export const qemuFlasher: ClientCommands = {
  summary: flasher.summary,
  add(command, driver, context) {
    const kind: Flasher = { ...plain, urlCompression: "ignored", flashOtherwise: flashOci };
    addFlasher(kind, command, driver, context);
  },
};

async function flashOci(images: readonly Image[], { driver, context }: Transfer): Promise<boolean> {
  const [{ file, target } = { file: "", target: null }] = images;
  // As officially, `--target` names files only.
  if (target !== null || !file.startsWith("oci://")) return false;
  await runRemotely(driver, "flash_oci", [file, target], context);
  return true;
}

/** `jumpstarter_driver_opendal.client.StorageMuxFlasherClient` */
export const storageMuxFlasher: ClientCommands = {
  summary: "Flasher of a storage that the host and the device share",
  add(command, driver, context) {
    addFlasher(mux, command, driver, context);
    storageMux.add(command, driver, context);
  },
};

interface FlashOptions {
  readonly target: readonly string[];
  readonly compression?: string;
}

interface DumpOptions {
  readonly target?: string | null;
  readonly compression?: string;
}

function addFlasher(
  kind: Flasher,
  command: JCommand,
  driver: DriverClient,
  context: Context,
): void {
  addFlash(kind, command, driver, context);
  addDump(command, driver, context, kind);
}

function addFlash(
  kind: Flasher,
  command: JCommand,
  driver: DriverClient,
  context: Context,
): void {
  const collect = (spec: string, specs: readonly string[]) => [...specs, spec];
  const flashCommand = subcommand(command, driver, "flash", "Write an image to the device")
    .argument("[file...]")
    .option("-t, --target <TEXT>", "TARGET:FILE, for each target", collect, []);
  addCompression(flashCommand)
    .action(async (files: readonly string[], { target, compression }: FlashOptions) => {
      const images = imagesOf(files, target);
      if (await kind.flashOtherwise?.(images, { driver, context })) return;
      await flash(kind, images, { driver, context, compression });
    });
}

/** Adds `dump` for a driver that has this method. */
export function addDump(
  command: JCommand,
  driver: DriverClient,
  context: Context,
  kind = plain,
): void {
  const dumpCommand = subcommand(command, driver, "dump", "Read the device into a file")
    .argument("<file>")
    .option("--target <TEXT>", "Which part of the device");
  addCompression(dumpCommand)
    .action(async (file: string, { target = null, compression }: DumpOptions) => {
      await dump(kind, { file, target }, { driver, context, compression });
    });
}

/** Flashes one image by the method `flash` of the driver. */
export async function flashFile(image: Image, transfer: Transfer): Promise<void> {
  await flash(plain, [image], transfer);
}

/** All files must be readable before anything is flashed. */
async function flash(kind: Flasher, images: readonly Image[], transfer: Transfer): Promise<void> {
  checkImages(images, transfer.compression, kind, transfer.context);
  using opened = new DisposableStack();
  const sources: [Source, string | null][] = [];
  for (const { file, target } of images) {
    sources.push([opened.use(await openSource(file, transfer.context)), target]);
  }
  for (const [source, target] of sources) await kind.flash(transfer, source, target);
}

async function dump(kind: Flasher, image: Image, transfer: Transfer): Promise<void> {
  checkImages([image], transfer.compression, kind, transfer.context);
  using sink = await openSink(image.file, transfer.context);
  await kind.dump(transfer, sink, image.target);
}

function callOf({ driver }: Transfer, method: string, ...args: unknown[]): UseResource {
  return (resource, bounds) => driver.call(method, [resource, ...args], bounds);
}
