/** What the tests of custom drivers share: a site with driver files, and opened drivers. @module */
import "../../libc/testing.ts";
import { join } from "node:path";
import type { Driver, DriverManifest } from "../../driver/mod.ts";
import { DriverError } from "../../driver/mod.ts";
import type { Bounds } from "./driver_worker.ts";
import { CustomDrivers } from "./mod.ts";
import { openDriver, type OpenedDriver } from "../../driver/testing.ts";

/** A temporary driver folder that only its owner can write, and who finds drivers in it. */
export interface Site extends AsyncDisposable {
  readonly dir: string;
  readonly drivers: CustomDrivers;
  readonly warnings: string[];
  write(name: string, source: string): Promise<string>;
  /** The driver of a type that must be there. */
  factory(type: string): Promise<DriverManifest>;
  /** Why a type cannot be had. */
  problem(type: string): Promise<string>;
}

/** Short, for the tests that wait for them to pass. */
export const SHORT: Partial<Bounds> = {
  load: 2_000,
  parse: 1_000,
  silence: 2_000,
  close: 500,
};

/** A site whose folder holds `files`: a folder of its own, or one that is there already. */
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
      if (!found || found instanceof Error) throw found ?? new Error(`nothing answers to ${type}`);
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

/** A driver file that defines one driver; `body` is what stands beside type and client. */
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
