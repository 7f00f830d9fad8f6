/**
 * Decides what a process with Python drivers serves besides them. A Python driver uses its children,
 * and what they refer to, as Python objects. So the official classes of those are built in the same
 * process, and clients see those instances. A driver without such a class gets a stand-in there,
 * which calls the driver of this program.
 *
 * @module
 */
import type { DriverEntry, Entry } from "../../tree/entry.ts";
import { refer } from "../../tree/reference.ts";
import { pathBelow } from "../../tree/path.ts";
import { pythonOf, type PythonProcess } from "./python_process.ts";

/** Whether Python has a class for a type. */
export type HasClass = (type: string) => Promise<boolean>;

/** What processes take over, by the path of the entry. */
export interface Adoption {
  readonly adopted: ReadonlyMap<string, PythonProcess>;
  readonly standIns: ReadonlyMap<string, ReadonlySet<PythonProcess>>;
}

/** @see module */
export async function adoption(entries: readonly Entry[], hasClass: HasClass): Promise<Adoption> {
  const search = new Search(entries, hasClass);
  await search.lookBelow(entries, "", undefined);
  return search;
}

/** The entries with what was adopted. */
export function withAdopted(
  entries: readonly Entry[],
  adopted: Adoption["adopted"],
  parent = "",
): Entry[] {
  return entries.map((entry) => {
    if (entry.kind === "proxy") return entry;
    const path = pathBelow(parent, entry.name);
    const process = adopted.get(path);
    return {
      ...entry,
      ...(process && { source: { process } }),
      children: withAdopted(entry.children, adopted, path),
    };
  });
}

class Search implements Adoption {
  readonly adopted = new Map<string, PythonProcess>();
  readonly standIns = new Map<string, Set<PythonProcess>>();
  readonly #entries: readonly Entry[];
  readonly #hasClass: HasClass;
  readonly #visited = new Set<string>();

  constructor(entries: readonly Entry[], hasClass: HasClass) {
    this.#entries = entries;
    this.#hasClass = hasClass;
  }

  /** Looks at the entries below `parent`, whose driver is in the process `above`. */
  async lookBelow(entries: readonly Entry[], parent: string, above?: PythonProcess): Promise<void> {
    for (const entry of entries) {
      const path = pathBelow(parent, entry.name);
      if (entry.kind === "proxy") {
        const target = above && refer(this.#entries, entry.ref);
        if (target?.entry.kind === "driver") await this.#use(target.entry, target.path, above!);
      } else if (above) await this.#use(entry, path, above, true);
      else await this.#visit(entry, path, pythonOf(entry));
    }
  }

  /** A driver of the process `user` uses the driver of this entry, which may be defined below it. */
  async #use(entry: DriverEntry, path: string, user: PythonProcess, below = false): Promise<void> {
    const holder = this.adopted.get(path) ?? pythonOf(entry);
    if (holder === user) return await this.#visit(entry, path, user);
    if (holder ? below : await this.#isPython(entry)) {
      this.adopted.set(path, user);
      return await this.#visit(entry, path, user);
    }
    // What is not available anywhere is told when its parent is built.
    if ("unavailable" in entry.source) return;
    const users = this.standIns.get(path) ?? new Set();
    this.standIns.set(path, users.add(user));
  }

  async #visit({ children }: DriverEntry, path: string, process?: PythonProcess): Promise<void> {
    // What looked at it before may not have known that its driver is in a process.
    const visit = process ? `${path} in Python` : path;
    if (this.#visited.has(visit)) return;
    this.#visited.add(visit);
    await this.lookBelow(children, path, process);
  }

  async #isPython({ type, source }: DriverEntry): Promise<boolean> {
    return "manifest" in source && await this.#hasClass(type);
  }
}
