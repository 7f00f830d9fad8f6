/** The custom drivers of a site, told by their files. @module */
import { resolve } from "node:path";
import { DriverError } from "../driver/mod.ts";
import type { CustomDrivers, DescribedCustomDriver } from "../foreign/worker/mod.ts";
import {
  configKeys,
  type DescribedDriver,
  type DriverPlace,
  type ListedDriver,
  type Report,
} from "./driver.ts";
import { sampleOf } from "./sample.ts";

/** The drivers of the files that `drivers` finds; a file below a path counts, too. */
export function customDrivers(drivers: CustomDrivers, report: Report): DriverPlace {
  /** References to files are relative to the working directory. */
  const config = resolve("exporter.yaml");
  return {
    list: async () => (await drivers.list()).map((driver) => listed(driver, driver.summary.type!)),
    async describe(type) {
      const found = await drivers.describe(type, config);
      if (!(found instanceof DriverError)) return found && described(found, type);
      report(found.message);
      return undefined;
    },
  };
}

function listed({ path, summary }: Omit<DescribedCustomDriver, "schema">, type: string) {
  const text = summary.summary;
  const { client } = summary;
  return {
    type,
    client,
    origin: "custom",
    from: path,
    ...(text && { summary: text }),
  } satisfies ListedDriver;
}

function described(found: DescribedCustomDriver, type: string): DescribedDriver {
  const { summary: { methods, children }, schema } = found;
  const keys = schema && configKeys(schema);
  return {
    ...listed(found, type),
    ...(keys && { keys }),
    ...(methods && { methods }),
    children: children ? "the drivers below 'children:' of its entry" : "none",
    sample: sampleOf({ type, keys, children: children ? ["power"] : [] }),
  };
}
