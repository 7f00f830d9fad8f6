/** What a storage's clients have made: it may be removed with the lease. @module */
import { posix } from "node:path";
import { type DriverLog, messageOf } from "../../src/driver/mod.ts";
import type { FsBackend } from "./fs.ts";

/** Paths that were made, as clients are told of them. */
export class CreatedPaths {
  readonly #paths = new Set<string>();

  add(path: string): void {
    this.#paths.add(tidy(path));
  }

  forget(path: string): void {
    this.#paths.delete(tidy(path));
  }

  list(): string[] {
    return [...this.#paths].sort();
  }

  /** Removes all, what is inside of something before that; what fails is only told. */
  async remove(storage: FsBackend, log: DriverLog): Promise<void> {
    for (const path of this.list().reverse()) {
      try {
        if (path !== "") await storage.removeAll(path);
        log.debug(`removed '${path}', which was made in this lease`);
      } catch (error) {
        log.error(`Cannot remove '${path}', which was made in this lease: ${messageOf(error)}`);
      }
    }
  }
}

/** Slashes one way and only between names, no dots to step over. */
function tidy(path: string): string {
  if (path === "") return "";
  const clean = posix.normalize(path.replaceAll("\\", "/")).replace(/^\/+|\/+$/g, "");
  return clean === "." ? "" : clean;
}
