/** The root folder of a storage of scheme `fs`. @module */
import { DriverError, messageOf } from "../../src/driver/mod.ts";
import { Jail } from "./jail.ts";

/**
 * Creates the root unless it exists.
 *
 * @throws {DriverError} naming the root, the reason and the remedy.
 */
export async function openRoot(root: string): Promise<Jail> {
  try {
    await Deno.mkdir(root, { recursive: true });
    return await Jail.at(root);
  } catch (error) {
    throw rootProblem(root, error);
  }
}

/** The error for a root that cannot be created. */
export function rootProblem(root: string, cause: unknown): DriverError {
  const reason = `Cannot create the storage's root ${root}: ${explain(cause)}`;
  return new DriverError(reason, { cause });
}

const CORRECT = "correct kwargs.root";

function explain(cause: unknown): string {
  switch ((cause as { code?: unknown }).code) {
    case "ENOENT":
      return `no such folder; ${CORRECT}`;
    case "ENOTDIR":
      return `part of the path is not a folder; ${CORRECT}`;
    case "EEXIST":
      return `a file or a broken link is in its place; remove that, or ${CORRECT}`;
    case "ELOOP":
      return `the links on its path form a circle; ${CORRECT}`;
    case "ENAMETOOLONG":
      return `the path is too long; ${CORRECT}`;
    case "EACCES":
    case "EPERM":
      return `not permitted for user ${Deno.uid() ?? "?"}; ` +
        `create it so that the exporter's user can write in it, or ${CORRECT}`;
    case "EROFS":
      return `the file system is read-only; ${CORRECT}`;
    case "ENOSPC":
    case "EDQUOT":
      return "the disk is full; free some space";
    default:
      return `${messageOf(cause)}; ${CORRECT}`;
  }
}
