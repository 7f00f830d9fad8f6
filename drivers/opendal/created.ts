/** What a storage's clients have made: it may be removed with the lease. @module */
import { posix } from "node:path";
import { type DriverLog, InvalidArgument, messageOf } from "../../src/driver/mod.ts";
import type { FsBackend } from "./fs.ts";

/** The longest path that Linux knows, in bytes: no text of fewer characters is longer. */
const MAX_PATH = 4095;

/** How many characters of paths are kept: as many as fit into the one answer that lists them. */
const MAX_CHARACTERS = 1_000_000;

/** Paths that were made, as clients are told of them. */
export class CreatedPaths {
  readonly #log: DriverLog;
  readonly #paths = new Set<string>();
  #characters = 0;
  #full = false;

  constructor(log: DriverLog) {
    this.#log = log;
  }

  /** @throws {InvalidArgument} for what is too long to be a path. */
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

  /** Removes all, what is inside of something before that; what fails is only told. */
  async remove(storage: FsBackend): Promise<void> {
    for (const path of this.list().reverse()) {
      try {
        if (path !== "") await storage.removeAll(path);
        this.#log.debug(`removed '${path}', which was made in this lease`);
      } catch (error) {
        this.#log.error(
          `Cannot remove '${path}', which was made in this lease: ${messageOf(error)}`,
        );
      }
    }
  }

  #overflow(): void {
    if (this.#full) return;
    this.#full = true;
    this.#log.warning(
      `Clients have made ${this.#paths.size} paths in this lease: further ones are not remembered`,
    );
  }
}

/** Slashes one way and only between names, no dots to step over. */
function tidy(path: string): string {
  if (path === "") return "";
  const clean = posix.normalize(path.replaceAll("\\", "/")).replace(/^\/+|\/+$/g, "");
  return clean === "." ? "" : clean;
}
