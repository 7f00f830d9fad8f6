/** Flashers and storage muxes that have no device, for trying things out and for tests. @module */
import {
  defineDriver,
  DeviceError,
  type Driver,
  type OpenContext,
  type ResourceHandle,
  resourceHandle,
  type Resources,
  withArgs,
  z,
} from "../../src/driver/mod.ts";
import { temporaryFolder } from "../../src/files/temporary_folder.ts";

const CHUNK = 256 * 1024;
const config = z.strictObject({});
const target = z.string().nullish();

/** Keeps what is flashed to each partition until the lease ends. */
export const mockFlasher = defineDriver({
  type: "jumpstarter_driver_opendal.driver.MockFlasher",
  client: "jumpstarter_driver_opendal.client.FlasherClient",
  config,
  open(context) {
    const folder = folderFor(context);
    // A partition's name is the client's, and no path.
    const file = (partition: string | null | undefined) =>
      `${folder}/${encodeURIComponent(partition ?? "default").replaceAll(".", "%2E")}`;
    return {
      calls: {
        flash: withArgs(
          [resourceHandle, target],
          ([image, partition], { resources }) => store(image, file(partition), resources),
        ),
        dump: withArgs(
          [resourceHandle, target],
          ([image, partition], { resources }) => give(image, file(partition), resources),
        ),
      },
    };
  },
});

/** Keeps what is written until the lease ends. */
export const mockStorageMux = defineDriver({
  type: "jumpstarter_driver_opendal.driver.MockStorageMux",
  client: "jumpstarter_driver_opendal.client.StorageMuxClient",
  config,
  open: openMux,
});

/** The same, whose client can flash and dump. */
export const mockStorageMuxFlasher = defineDriver({
  type: "jumpstarter_driver_opendal.driver.MockStorageMuxFlasher",
  client: "jumpstarter_driver_opendal.client.StorageMuxFlasherClient",
  config,
  open: openMux,
});

async function openMux(context: OpenContext<unknown>): Promise<Driver> {
  const file = `${folderFor(context)}/storage`;
  await Deno.writeFile(file, new Uint8Array(0));
  return {
    calls: {
      host: () => {},
      dut: () => {},
      off: () => {},
      write: withArgs([resourceHandle], ([image], { resources }) => store(image, file, resources)),
      read: withArgs([resourceHandle], ([image], { resources }) => give(image, file, resources)),
    },
  };
}

/** A folder that goes with the lease. */
function folderFor({ scope, log }: Pick<OpenContext<unknown>, "scope" | "log">): string {
  const warn = (message: string) => log.warning(message);
  return scope.use(temporaryFolder({ holds: "data", prefix: "jmp-mock-", warn })).path;
}

async function store(from: ResourceHandle, path: string, resources: Resources): Promise<void> {
  using file = await Deno.open(path, { write: true, create: true, truncate: true });
  for await (const chunk of await resources.read(from)) {
    for (let at = 0; at < chunk.length;) at += await file.write(chunk.subarray(at));
  }
}

async function give(to: ResourceHandle, path: string, resources: Resources): Promise<void> {
  using file = await Deno.open(path).catch((error) => {
    throw new DeviceError("Cannot dump: nothing was flashed in this lease", { cause: error });
  });
  await resources.write(to, chunksOf(file));
}

async function* chunksOf(file: Deno.FsFile): AsyncGenerator<Uint8Array> {
  for (;;) {
    const chunk = new Uint8Array(CHUNK);
    const length = await file.read(chunk);
    if (length === null) return;
    yield chunk.subarray(0, length);
  }
}
