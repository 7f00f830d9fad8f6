/** The places whose drivers the commands tell of. @module */
import {
  customDrivers,
  type DriverPlace,
  nativeDrivers,
  programs,
  pythonDrivers,
} from "../catalog/mod.ts";
import { driverDirs } from "../config/folders.ts";
import { CustomDrivers } from "../foreign/worker/mod.ts";
import { CliError, printError } from "./common.ts";
import { environment } from "./environment.ts";

/** The places in the order in which they are searched. Dispose it to stop custom drivers. */
export interface Catalog extends AsyncDisposable {
  readonly places: readonly DriverPlace[];
}

/** Opens the catalog of this host; what it cannot read is printed to standard error. */
export function openCatalog(): Catalog {
  const report = (problem: string) => printError(`jmp: ${problem}`);
  const custom = new CustomDrivers({ dirs: folders(), log: { warning: report } });
  return {
    places: [
      nativeDrivers,
      programs,
      customDrivers(custom, report),
      pythonDrivers(environment(), report),
    ],
    [Symbol.asyncDispose]: () => custom[Symbol.asyncDispose](),
  };
}

function folders(): string[] {
  try {
    return driverDirs(environment());
  } catch (error) {
    throw new CliError((error as Error).message);
  }
}
