/** Finds the programs that serve drivers of configs. @module */
import { dirname } from "node:path";
import { DriverError, InvalidArgument, messageOf } from "../../driver/mod.ts";
import type { DriverEntry, Entry, HostedDriver } from "../../tree/entry.ts";
import type { HostedConfig, HostedEntry, ProcessFinder, ProcessHosts } from "../../tree/loader.ts";
import { ExecProcess } from "./exec_process.ts";
import { findProgram } from "./find.ts";
import { readProgram } from "./program.ts";

/** How long the drivers of a program that is kept may take to close, in ms. */
const CLOSE_MS = 10_000;

/** The programs of the configs of this process. Disposing it ends those that are kept. */
export class ExecDrivers implements ProcessHosts, AsyncDisposable {
  readonly #processes: ExecProcess[] = [];

  forConfig({ file }: HostedConfig): ProcessFinder {
    return {
      claim: (entry) => Promise.resolve(this.#claim(entry, dirname(file))),
      find: () => Promise.resolve(undefined),
      adopt: (entries) => Promise.resolve(served(entries)),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#processes.map((process) => process.dispose(CLOSE_MS)));
  }

  #claim(
    { path, keys, value }: HostedEntry,
    folder: string,
  ): HostedDriver | DriverError | undefined {
    try {
      const program = readProgram(value);
      if (!program) return undefined;
      findProgram(program, folder);
      const { uuid } = (value.config ?? {}) as { uuid?: unknown };
      const process = new ExecProcess({
        program,
        entryName: keys.at(-1)!,
        path,
        folder,
        ...(typeof uuid === "string" && { uuid }),
      });
      this.#processes.push(process);
      return { process };
    } catch (error) {
      return error instanceof DriverError ? error : new InvalidArgument(messageOf(error));
    }
  }
}

/** The entries; what stands below that of a program is the program's, which reads it as well. */
function served(entries: readonly Entry[], above?: HostedDriver): Entry[] {
  return entries.map((entry) => {
    if (entry.kind === "proxy") return entry;
    const own = above ?? programOf(entry);
    const children = served(entry.children, own);
    return { ...entry, ...(above && { source: { process: above.process } }), children };
  });
}

function programOf({ source }: DriverEntry): HostedDriver | undefined {
  return "process" in source && source.process instanceof ExecProcess ? source : undefined;
}
