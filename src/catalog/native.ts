/** The drivers that are built in. @module */
import { manifests } from "../../drivers/mod.ts";
import { jsonSchema } from "../driver/json_schema.ts";
import type { DriverManifest } from "../driver/manifest.ts";
import {
  type ConfigKey,
  configKeys,
  type DescribedDriver,
  type DriverPlace,
  type ListedDriver,
} from "./driver.ts";
import { sampleOf } from "./sample.ts";

/** The built-in drivers, told by their manifests; no code is loaded. */
export const nativeDrivers: DriverPlace = {
  list: () => Promise.resolve(manifests.map(listed)),
  describe: (type) => {
    const manifest = manifests.find((each) => each.type === type);
    return Promise.resolve(manifest && described(manifest));
  },
};

function listed({ type, client, summary }: DriverManifest): ListedDriver {
  return { type, client, origin: "native", from: "built in", ...(summary && { summary }) };
}

function described(manifest: DriverManifest): DescribedDriver {
  const { type, config, methods = {}, children = false } = manifest;
  const keys = configKeys(jsonSchema(config)) ?? [];
  const labels = labelsOf(manifest, keys);
  return {
    ...listed(manifest),
    keys,
    methods,
    ...(labels && { labels }),
    children: children ? "the drivers below 'children:' of its entry" : "none",
    sample: sampleOf({ type, keys, children: children ? ["power"] : [] }),
  };
}

/** The labels for a config of the examples. */
function labelsOf(
  { config, labels }: DriverManifest,
  keys: readonly ConfigKey[],
): Record<string, string> | undefined {
  const shown = keys.filter(({ required }) => required).map(({ name, example }) => [name, example]);
  return labels?.(config.parse(Object.fromEntries(shown)));
}
