/** A folder of wheels, for a host without network. @module */
import { normalized } from "./requirements.ts";

/** A file of a package: `acme_power-1.2-py3-none-any.whl`, `acme_power-1.2.tar.gz`. */
const FILE = /^([A-Za-z0-9][\w.]*)-([\w.!+]+?)(?:-.*\.whl|\.tar\.gz)$/;

/**
 * The newest version of a package in a folder of wheels.
 *
 * @throws {Error} as `Deno.readDir` does.
 */
export async function newestVersion(
  folder: string,
  distribution: string,
): Promise<string | undefined> {
  const versions: string[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    const [, found, version] = FILE.exec(name) ?? [];
    if (found && normalized(found) === normalized(distribution)) versions.push(version!);
  }
  return versions.sort(compare).at(-1);
}

/** Compares releases by their numbers; a pre-release or the like comes before its release. */
function compare(left: string, right: string): number {
  const [leftNumbers, rightNumbers] = [left, right].map(release);
  for (let index = 0; index < Math.max(leftNumbers!.length, rightNumbers!.length); index++) {
    const difference = (leftNumbers![index] ?? 0) - (rightNumbers![index] ?? 0);
    if (difference !== 0) return difference;
  }
  return Number(isRelease(left)) - Number(isRelease(right)) || left.localeCompare(right);
}

function release(version: string): number[] {
  return /^\d+(?:\.\d+)*/.exec(version)?.[0].split(".").map(Number) ?? [];
}

function isRelease(version: string): boolean {
  return /^\d+(?:\.\d+)*$/.test(version);
}
