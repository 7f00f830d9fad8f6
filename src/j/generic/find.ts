/** Finds drivers by their paths. @module */
import type { DriverClient } from "../../client/driver_client.ts";
import { didYouMean } from "../../text/nearest.ts";
import { JError } from "../context.ts";

/** The driver at `path`: names joined by dots or slashes. @throws {JError} if there is none */
export function findDriver(root: DriverClient, path: string): DriverClient {
  const found = below(root, path);
  if (found) return found;
  const known = [...paths(root)];
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

function* paths(parent: DriverClient, above = ""): Generator<string> {
  for (const [name, child] of parent.children) {
    yield above + name;
    yield* paths(child, `${above}${name}.`);
  }
}
