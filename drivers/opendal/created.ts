/** The paths that clients created in a storage, for removal at the end of the lease. @module */
import { posix } from "node:path";
import { type DriverLog, InvalidArgument, messageOf } from "../../src/driver/mod.ts";
import type { FsBackend } from "./fs.ts";

/** The longest path on Linux, in bytes, which is also a limit for its characters. */
const MAX_PATH = 4095;

/** How many characters of paths are kept, because one answer lists all of them. */
const MAX_CHARACTERS = 1_000_000;

/** The created paths, in the form in which they are listed to clients. */
export class CreatedPaths {
  readonly #log: DriverLog;
  readonly #paths = new Set<string>();
  #characters = 0;
  #full = false;

  constructor(log: DriverLog) {
    this.#log = log;
  }

  /** @throws {InvalidArgument} if the text is too long for a path. */
  add(path: string): void {
    if (path.length > MAX_PATH) {
      throw new InvalidArgument(
        `expected a path of at most ${MAX_PATH} characters, found ${path.length}`,
      );
    }
    const clean = tidy(path);
    if (this.#paths.has(clean)) return;
    if (this.#characters + clean.length > MAX_CHARACTERS) return this.#overflow();
    this.#characters += clean.length;
    this.#paths.add(clean);
  }

  forget(path: string): void {
    const clean = tidy(path);
    if (this.#paths.delete(clean)) this.#characters -= clean.length;
  }

  list(): string[] {
    return [...this.#paths].sort();
  }

  /** Removes all paths, the contents of folders first; only logs failures. */
  async remove(storage: FsBackend): Promise<void> {
    for (const path of this.list().reverse()) {
      try {
        if (path !== "") await storage.removeAll(path);
        this.#log.debug(`removed '${path}', which was created in this lease`);
      } catch (error) {
        this.#log.error(
          `Cannot remove '${path}', which was created in this lease: ${messageOf(error)}`,
        );
      }
    }
  }

  #overflow(): void {
    if (this.#full) return;
    this.#full = true;
    this.#log.warning(
      `Clients created ${this.#paths.size} paths in this lease: further ones are not remembered`,
    );
  }
}

/** Normalizes a path: forward slashes only, none at the ends, and no dots. */
function tidy(path: string): string {
  if (path === "") return "";
  const clean = posix.normalize(path.replaceAll("\\", "/")).replace(/^\/+|\/+$/g, "");
  return clean === "." ? "" : clean;
}
