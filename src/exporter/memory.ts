/** What must survive a restart of the process: how far the present lease has come. @module */
import type { Memory } from "../lease/model.ts";
import type { Identity } from "../driver/tree.ts";

/**
 * One small file per exporter, in systemd's runtime directory, the user's, or the
 * system's folder for temporary files: none of them outlives a reboot, which resets
 * the hardware as well.
 */
export class MemoryFile {
  readonly #path: string;

  constructor({ namespace, name }: Identity, dir: string = runtimeDir()) {
    this.#path = `${dir}/${encodeURIComponent(namespace)}.${encodeURIComponent(name)}.lease.json`;
  }

  /** What an earlier life kept; a file that cannot be read or understood is no memory. */
  load(): Memory | undefined {
    try {
      const found = JSON.parse(Deno.readTextFileSync(this.#path));
      const { lease, stage } = found;
      const known = typeof lease?.name === "string" && typeof lease.client === "string" &&
        (stage === "ready" || stage === "done");
      return known ? { lease: { name: lease.name, client: lease.client }, stage } : undefined;
    } catch {
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
      if (memory) this.#write(JSON.stringify(memory));
      else Deno.removeSync(this.#path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound && !memory) return;
      throw new Error(
        `Cannot keep the lease's state in ${this.#path}: ${(error as Error).message}`,
      );
    }
  }

  #write(text: string): void {
    const dir = this.#path.slice(0, this.#path.lastIndexOf("/"));
    Deno.mkdirSync(dir, { recursive: true, mode: 0o700 });
    Deno.writeTextFileSync(`${this.#path}.new`, text, { mode: 0o600 });
    Deno.renameSync(`${this.#path}.new`, this.#path);
  }
}

/** systemd names several folders separated by colons; the first is ours. */
function runtimeDir(): string {
  const [systemd] = (Deno.env.get("RUNTIME_DIRECTORY") ?? "").split(":");
  if (systemd) return systemd;
  const user = Deno.env.get("XDG_RUNTIME_DIR");
  return user ? `${user}/jumpstarter` : `/tmp/jumpstarter-${Deno.uid() ?? 0}`;
}
