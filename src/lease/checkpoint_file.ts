/** Stores the checkpoint of the current lease on disk, so that it survives a restart. @module */
import type { PrivateFolder } from "../files/private_folder.ts";
import { openRuntimeFolder, type RuntimeFolderOptions } from "../files/runtime_folder.ts";
import type { Checkpoint } from "./model.ts";

/** More than any checkpoint needs; a larger file was not written by this program. */
const MAX_BYTES = 64 * 1024;

/** The exporter to which a checkpoint belongs. */
export interface CheckpointOwner {
  readonly namespace: string;
  readonly name: string;
}

/** Options for the location of the file and for warnings. */
export interface CheckpointFileOptions extends Pick<RuntimeFolderOptions, "env" | "uid"> {
  readonly warn?: (message: string) => void;
}

/**
 * A small file per exporter in the runtime folder of systemd, root or the user. A reboot deletes
 * these folders, and resets the hardware as well. A file that other users can write is not
 * trusted.
 *
 * The format is `{"lease":{"name":"…","client":"…"},"stage":"ready"|"done"}`. It must stay
 * readable by the next version of the program: packages are updated inside leases.
 */
export class CheckpointFile {
  readonly #name: string;
  readonly #options: CheckpointFileOptions;
  readonly #warned = new Set<string>();

  constructor({ namespace, name }: CheckpointOwner, options: CheckpointFileOptions = {}) {
    this.#name = `${encodeURIComponent(namespace)}.${encodeURIComponent(name)}.lease.json`;
    this.#options = options;
  }

  /** Loads what the previous process saved. Ignores a file that is not trusted or not valid, with a warning. */
  load(): Checkpoint | undefined {
    try {
      using folder = this.#open();
      const text = folder.read(this.#name, MAX_BYTES);
      return text === undefined ? undefined : parse(text, `${folder.path}/${this.#name}`);
    } catch (error) {
      this.#warn(
        `Ignoring the progress that the previous process saved: ${(error as Error).message}; ` +
          "a lease in progress is treated as a new one",
      );
      return undefined;
    }
  }

  /**
   * Saves `checkpoint`, or deletes the file. Synchronous, so that no hook starts before it
   * is saved.
   *
   * @throws {Error} naming the file, if the disk is full or read-only.
   */
  save(checkpoint: Checkpoint | undefined): void {
    try {
      // Opened each time, because some systems delete unused files and folders.
      using folder = this.#open();
      if (checkpoint) folder.replace(this.#name, JSON.stringify(checkpoint));
      else folder.remove(this.#name);
    } catch (error) {
      throw new Error(`Cannot save the progress of the lease: ${(error as Error).message}`);
    }
  }

  #open(): PrivateFolder {
    const { warn: _, ...options } = this.#options;
    return openRuntimeFolder({ ...options, onRefused: (warning) => this.#warn(warning) });
  }

  /** Reports each warning only once. */
  #warn(message: string): void {
    if (this.#warned.has(message)) return;
    this.#warned.add(message);
    this.#options.warn?.(message);
  }
}

/** @throws {Error} naming the file, if it is not a checkpoint. */
function parse(text: string, path: string): Checkpoint {
  const { lease, stage } = json(text) ?? {};
  if (
    typeof lease?.name === "string" && typeof lease.client === "string" &&
    (stage === "ready" || stage === "done")
  ) {
    return { lease: { name: lease.name, client: lease.client }, stage };
  }
  const found = JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
  throw new Error(`expected a lease's name, client and stage in ${path}, found ${found}`);
}

// deno-lint-ignore no-explicit-any -- the caller validates it.
function json(text: string): any {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
