/** The drivers of Python packages, told by their metadata and their classes. @module */
import { OFFICIAL_TYPES } from "../config/schema/official_types.ts";
import { messageOf } from "../driver/mod.ts";
import { findPython, type PythonEnvironment } from "../foreign/python/environment.ts";
import {
  type DescribedPythonDriver,
  describePythonDriver,
  listPythonDrivers,
  type PythonDriver,
} from "../foreign/python/drivers.ts";
import { isPythonType, packageOf } from "../foreign/python/packages.ts";
import type { Env } from "../python/places.ts";
import { PROXY_TYPE } from "../tree/entry.ts";
import type { DescribedDriver, DriverPlace, ListedDriver, Report } from "./driver.ts";
import { sampleOf } from "./sample.ts";

/** The drivers of the environment that `env` leads to. */
export function pythonDrivers(env: Env, report: Report): DriverPlace {
  let listing: Promise<Listing> | undefined;
  const read = () => listing ??= listingOf(env, report);
  return {
    list: async () => (await read()).drivers.map(listed),
    async describe(type) {
      if (!isPythonType(type)) return undefined;
      const { environment } = await read();
      if (!environment) return undefined;
      const { module } = packageOf(type);
      return await environment.has(module) ? await tell(environment, type, report) : undefined;
    },
  };
}

interface Listing {
  readonly environment?: PythonEnvironment;
  readonly drivers: readonly PythonDriver[];
}

async function listingOf(env: Env, report: Report): Promise<Listing> {
  const found = await findPython({ env });
  if (!("python" in found)) {
    report(
      "Python drivers are not listed, because there is no Python environment with the package " +
        "jumpstarter; 'jmp driver install' makes one",
    );
    return { drivers: [] };
  }
  try {
    const drivers = await listPythonDrivers(found, [...OFFICIAL_TYPES.keys()]);
    return { environment: found, drivers: drivers.filter(({ type }) => type !== PROXY_TYPE) };
  } catch (error) {
    report(`Python drivers are not listed: ${messageOf(error)}`);
    return { environment: found, drivers: [] };
  }
}

function listed({ type, client, summary, distribution, version }: PythonDriver): ListedDriver {
  const known = client ?? OFFICIAL_TYPES.get(type);
  return {
    type,
    ...(known && { client: known }),
    origin: "python",
    from: `${distribution} ${version}`,
    ...(summary && { summary }),
  };
}

async function tell(
  environment: PythonEnvironment,
  type: string,
  report: Report,
): Promise<DescribedDriver | undefined> {
  try {
    return described(type, await describePythonDriver(environment, type), environment);
  } catch (error) {
    report(messageOf(error));
    return undefined;
  }
}

function described(
  type: string,
  { client, summary, distribution, version, keys, methods, makes, uses }: DescribedPythonDriver,
  { python }: PythonEnvironment,
): DescribedDriver {
  const names = [...makes.map((name) => `makes ${name}`), ...uses.map((name) => `needs ${name}`)];
  const origin = distribution ? `${distribution} ${version}, ${python}` : python;
  return {
    type,
    client,
    origin: "python",
    from: origin,
    ...(summary && { summary }),
    keys: keys.map(({ default: value, meaning, ...key }) => ({
      ...key,
      ...(value !== undefined && { default: value }),
      ...(meaning && { meaning }),
    })),
    methods,
    children: names.join(", ") || "none that its class names",
    sample: sampleOf({ type, keys: keys as DescribedDriver["keys"], children: uses }),
  };
}
