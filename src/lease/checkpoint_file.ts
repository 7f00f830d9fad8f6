/** The checkpoint of the current lease on disk, which survives a restart of the process. @module */
import type { PrivateFolder } from "../files/private_folder.ts";
import { openRuntimeFolder, type RuntimeFolderOptions } from "../files/runtime_folder.ts";
import type { Checkpoint } from "./model.ts";

/** Larger than any checkpoint; a larger file was written by somebody else. */
const MAX_BYTES = 64 * 1024;

/** The exporter that a checkpoint belongs to. */
export interface CheckpointOwner {
  readonly namespace: string;
  readonly name: string;
}

/** Where the file is, and how to report one that is not trusted. */
export interface CheckpointFileOptions extends Pick<RuntimeFolderOptions, "env" | "uid"> {
  readonly warn?: (message: string) => void;
}

/**
 * One small file per exporter, in systemd's runtime folder, root's or the user's: none of them
 * outlives a reboot, which resets the hardware as well. Others must not have written it.
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

  /** What the previous process saved. A file that is not trusted or not understood is ignored, with a warning. */
  load(): Checkpoint | undefined {
    try {
      using folder = this.#open();
      const text = folder.read(this.#name, MAX_BYTES);
      return text === undefined ? undefined : parse(text, `${folder.path}/${this.#name}`);
    } catch (error) {
      this.#warn(
        `Ignores the progress that the previous process saved: ${(error as Error).message}; ` +
          "a lease that goes on counts as a new one",
      );
      return undefined;
    }
  }

  /**
   * Saves `checkpoint`, or deletes the file. Synchronous, so that no hook starts before it
   * is saved.
   *
   * @throws {Error} naming the file, where the disk is full or read-only.
   */
  save(checkpoint: Checkpoint | undefined): void {
    try {
      // Opened each time, for systems that clean their folders of unused files.
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

  /** Each warning once, however often the folder is opened. */
  #warn(message: string): void {
    if (this.#warned.has(message)) return;
    this.#warned.add(message);
    this.#options.warn?.(message);
  }
}

/** @throws {Error} naming the file, where it is no checkpoint. */
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

// deno-lint-ignore no-explicit-any -- it is validated by the caller.
function json(text: string): any {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
