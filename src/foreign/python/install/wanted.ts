/** Finds the types of a config whose Python classes are needed, whether they are installed or not. @module */
import type { Entry, HostedDriver, ProxyEntry } from "../../../tree/entry.ts";
import type {
  HostedConfig,
  HostedEntry,
  ProcessFinder,
  ProcessHosts,
} from "../../../tree/loader.ts";
import type { DriverError } from "../../../wire/error.ts";
import { ExecDrivers } from "../../exec/exec_drivers.ts";
import { isPythonType } from "../packages.ts";
import { readPythonKey } from "../python_key.ts";

/** Stands for the processes of one config while that is read. Runs none, and no interpreter. */
export class WantedPython implements ProcessHosts {
  readonly #programs = new ExecDrivers();
  /** The paths of the entries that Python would host. */
  readonly #wanted = new Set<string>();

  forConfig(config: HostedConfig): ProcessFinder {
    const programs = this.#programs.forConfig(config);
    return {
      claim: async (entry) => await programs.claim(entry) ?? this.#claim(entry),
      find: (entry) => Promise.resolve(this.#want(entry)),
      adopt: (entries, exported) => programs.adopt(entries, exported),
    };
  }

  /**
   * The types of the entries that Python would host, and of all that stand below one or that it
   * refers to: the official classes of a parent need those of its children.
   */
  types(entries: readonly Entry[]): Set<string> {
    const types = new Set<string>();
    const seen = new Set<Entry>();
    const visit = (entry: Entry, path: string, inPython: boolean): void => {
      if (entry.kind === "proxy") {
        const target = inPython ? targetOf(entry, entries) : undefined;
        if (target) visit(target, entry.ref, true);
        return;
      }
      const wanted = inPython || this.#wanted.has(path);
      // What stands below a program is the program's.
      const isPython = wanted && isPythonType(entry.type) && !isServed(entry.source);
      if (isPython && seen.has(entry)) return;
      if (isPython) {
        seen.add(entry);
        types.add(entry.type);
      }
      for (const child of entry.children) visit(child, `${path}.${child.name}`, isPython);
    };
    for (const entry of entries) visit(entry, entry.name, false);
    return types;
  }

  #claim(entry: HostedEntry): undefined {
    try {
      if (readPythonKey(entry.value.python)) this.#want(entry);
    } catch {
      // A mistake in the key, which is reported when the config is served.
    }
  }

  #want({ path }: HostedEntry): DriverError | undefined {
    this.#wanted.add(path);
    return undefined;
  }
}

function isServed(source: object): source is HostedDriver {
  return "process" in source;
}

function targetOf({ ref }: ProxyEntry, entries: readonly Entry[]): Entry | undefined {
  let found: Entry | undefined;
  let level = entries;
  for (const name of ref.split(".")) {
    found = level.find((entry) => entry.name === name);
    level = found?.kind === "driver" ? found.children : [];
  }
  return found;
}
