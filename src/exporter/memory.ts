/** What must survive a restart of the process: how far the present lease has come. @module */
import type { PrivateFolder } from "../files/private_folder.ts";
import { openRuntimeFolder, type RuntimeFolderOptions } from "../files/runtime_folder.ts";
import type { Memory } from "../lease/model.ts";
import type { Identity } from "../tree/tree.ts";

/** More than any lease has; what is larger was not written here. */
const MAX_BYTES = 64 * 1024;

/** Where the memory is, and who hears of one that is not believed. */
export interface MemoryOptions extends Pick<RuntimeFolderOptions, "env" | "uid"> {
  readonly warn?: (message: string) => void;
}

/**
 * One small file per exporter, in systemd's runtime folder, root's or the user's: none of them
 * outlives a reboot, which resets the hardware as well. Others must not have written it.
 */
export class MemoryFile {
  readonly #name: string;
  readonly #options: MemoryOptions;
  readonly #warned = new Set<string>();

  constructor({ namespace, name }: Identity, options: MemoryOptions = {}) {
    this.#name = `${encodeURIComponent(namespace)}.${encodeURIComponent(name)}.lease.json`;
    this.#options = options;
  }

  /** What an earlier life kept. One that cannot be believed or understood is none, with a warning. */
  load(): Memory | undefined {
    try {
      using folder = this.#open();
      const text = folder.read(this.#name, MAX_BYTES);
      return text === undefined ? undefined : parse(text, `${folder.path}/${this.#name}`);
    } catch (error) {
      this.#warn(
        `Cannot believe how far the lease had come before this start: ${
          (error as Error).message
        }; ` +
          "a lease that goes on counts as a new one",
      );
      return undefined;
    }
  }

  /**
   * Keeps `memory`, or forgets. Synchronous, so that a hook is never told about before
   * it is remembered.
   *
   * @throws {Error} naming the file, where the disk is full or read-only.
   */
  save(memory: Memory | undefined): void {
    try {
      // Opened anew each time, for systems that clean their folders of what is not used.
      using folder = this.#open();
      if (memory) folder.replace(this.#name, JSON.stringify(memory));
      else folder.remove(this.#name);
    } catch (error) {
      throw new Error(`Cannot keep the lease's state: ${(error as Error).message}`);
    }
  }

  #open(): PrivateFolder {
    const { warn: _, ...options } = this.#options;
    return openRuntimeFolder({ ...options, onRefused: (warning) => this.#warn(warning) });
  }

  /** Each but once, however often the folder is looked for. */
  #warn(message: string): void {
    if (this.#warned.has(message)) return;
    this.#warned.add(message);
    this.#options.warn?.(message);
  }
}

/** @throws {Error} naming the file, where it is no memory. */
function parse(text: string, path: string): Memory {
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

// deno-lint-ignore no-explicit-any -- it is looked at before it is believed.
function json(text: string): any {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
