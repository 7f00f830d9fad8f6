/** Helpers for tests of custom drivers: sites with driver files, and opened drivers. @module */
import "../../libc/testing.ts";
import { join } from "node:path";
import type { Driver, DriverManifest } from "../../driver/mod.ts";
import { DriverError } from "../../driver/mod.ts";
import type { Bounds } from "./driver_worker.ts";
import { CustomDrivers } from "./mod.ts";
import { openDriver, type OpenedDriver } from "../../tree/testing.ts";

/** A temporary driver folder that only its owner can write, and the drivers in it. */
export interface Site extends AsyncDisposable {
  readonly dir: string;
  readonly drivers: CustomDrivers;
  readonly warnings: string[];
  write(name: string, source: string): Promise<string>;
  /** Finds the driver of a type; throws if there is none. */
  factory(type: string): Promise<DriverManifest>;
  /** The error message of a type that is not available. */
  problem(type: string): Promise<string>;
}

/** Short bounds, for tests that wait until they expire. */
export const SHORT: Partial<Bounds> = {
  load: 2_000,
  parse: 1_000,
  silence: 2_000,
  close: 500,
};

/** Makes a site with `files`, in a new folder or in an existing one. */
export async function site(
  files: Readonly<Record<string, string>>,
  bounds: Partial<Bounds> = {},
  existing?: string,
): Promise<Site> {
  const dir = existing ?? await Deno.makeTempDir();
  const warnings: string[] = [];
  const log = { warning: (message: string) => void warnings.push(message) };
  const drivers = new CustomDrivers({ dirs: [dir], log, bounds });
  const write = async (name: string, source: string) => {
    const path = join(dir, name);
    await Deno.writeTextFile(path, source, { mode: 0o600 });
    return path;
  };
  for (const [name, source] of Object.entries(files)) await write(name, source);
  const find = (type: string) => drivers.find(type, join(dir, "exporter.yaml"));
  return {
    dir,
    drivers,
    warnings,
    write,
    async factory(type) {
      const found = await find(type);
      if (!found || found instanceof Error) {
        throw found ?? new Error(`found no driver of type ${type}`);
      }
      return found;
    },
    async problem(type) {
      const found = await find(type);
      if (!(found instanceof DriverError)) throw new Error(`expected an error for ${type}`);
      return found.message;
    },
    async [Symbol.asyncDispose]() {
      await drivers[Symbol.asyncDispose]();
      if (!existing) await Deno.remove(dir, { recursive: true });
    },
  };
}

/** The source of a file that defines one driver; `body` has the members besides type and client. */
export function source(type: string, body: string): string {
  return `export default ({ defineDriver, withArgs, z, InvalidArgument, DeviceError, resourceHandle }) => defineDriver({
    type: "${type}",
    client: "jumpstarter.client.DriverClient",
    config: z.strictObject({}),
    ${body}
  });`;
}

/** Opens a driver as a lease does; disposing it ends the lease. */
export function lease(
  manifest: DriverManifest,
  config: unknown = {},
  children: ReadonlyMap<string, Driver> = new Map(),
): Promise<OpenedDriver> {
  return openDriver(manifest, config, { path: "board.relay", children });
}
