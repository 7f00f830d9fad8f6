/** Paths of drivers: names joined by dots. @module */
import type { DriverClient } from "../client/driver_client.ts";
import { didYouMean } from "../text/nearest.ts";
import { JError } from "./context.ts";

/** The driver at `path`, whose names may also be joined by slashes. @throws {JError} if there is none */
export function findDriver(root: DriverClient, path: string): DriverClient {
  const found = below(root, path);
  if (found) return found;
  const known = Array.from(driversBelow(root), ({ path }) => path);
  throw new JError(`no driver '${path}'${didYouMean(path, known)}; 'j tree' lists all drivers`);
}

/** A name may itself contain dots and slashes. */
function below(parent: DriverClient, path: string): DriverClient | undefined {
  for (const [name, child] of parent.children) {
    if (path === name) return child;
    const rest = path.startsWith(name) && /^[./](.*)$/s.exec(path.slice(name.length));
    const found = rest && below(child, rest[1]!);
    if (found) return found;
  }
  return undefined;
}

/** All drivers below `parent`, each before those below itself. */
export function* driversBelow(
  parent: DriverClient,
  above = "",
): Generator<{ readonly path: string; readonly driver: DriverClient }> {
  for (const [name, driver] of parent.children) {
    const path = `${above}${name}`;
    yield { path, driver };
    yield* driversBelow(driver, `${path}.`);
  }
}
