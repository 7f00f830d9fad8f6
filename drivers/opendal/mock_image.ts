/** Stores the images that clients send to the mocks. @module */
import {
  DeviceError,
  type DriverLog,
  type OpenContext,
  type ResourceHandle,
  type Resources,
} from "../../src/driver/mod.ts";
import { SparseFile } from "../../src/files/sparse_file.ts";
import { temporaryFolder } from "../../src/files/temporary_folder.ts";

const CHUNK = 256 * 1024;

/** Creates a folder that is removed at the end of the lease. */
export function folderFor({ scope, log }: Pick<OpenContext<unknown>, "scope" | "log">): string {
  const warn = (message: string) => log.warning(message);
  return scope.use(temporaryFolder({ holds: "data", prefix: "jmp-mock-", warn })).path;
}

/** Writes the client's image to the file `path`; also an empty one, as the official mocks do. */
export async function store(
  from: ResourceHandle,
  path: string,
  { resources, log }: { readonly resources: Resources; readonly log: DriverLog },
): Promise<void> {
  const options = { write: true, create: true, truncate: true };
  using file = await SparseFile.over(await Deno.open(path, options));
  let length = 0;
  for await (const chunk of await resources.read(from)) {
    await file.write(chunk);
    length += chunk.length;
  }
  if (length === 0) {
    log.warning("the image is empty: 0 bytes; a card would refuse it, check what has made it");
  }
}

/** Sends the file `path` to the client. @throws {DeviceError} if there is none */
export async function give(to: ResourceHandle, path: string, resources: Resources): Promise<void> {
  using file = await Deno.open(path).catch((error) => {
    throw new DeviceError("Cannot dump: nothing was flashed in this lease", { cause: error });
  });
  const { size } = await file.stat();
  await resources.write(to, Object.assign(chunksOf(file), { size }));
}

async function* chunksOf(file: Deno.FsFile): AsyncGenerator<Uint8Array> {
  for (;;) {
    const chunk = new Uint8Array(CHUNK);
    const length = await file.read(chunk);
    if (length === null) return;
    yield chunk.subarray(0, length);
  }
}
