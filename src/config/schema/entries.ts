/**
 * Reads the entries of the `export:` map. An entry with mistakes, once they are reported, stays
 * in the result, so that references to it cause no further errors.
 *
 * @module
 */
import { z } from "zod";
import type { DriverManifest } from "../../driver/manifest.ts";
import {
  COMPOSITE_TYPE,
  type DriverEntry,
  type Entry,
  PROXY_TYPE,
  type ProxyEntry,
  type UnavailableDriver,
} from "../../tree/entry.ts";
import type { Findings } from "../yaml/diagnostics.ts";
import { BROKEN, readDriverConfig } from "./driver_config.ts";
import { entryForm, notAnEntry, notEntries } from "./entry_form.ts";
import type { YamlDocument } from "../yaml/document.ts";
import type { YamlPath } from "../yaml/position.ts";
import { type DriverSources, findDriver } from "./driver_types.ts";
import { validate } from "./validate.ts";
import { isMap, type YamlMap } from "../yaml/map.ts";

/** The config file, and the drivers that its entries can name. */
export interface EntryContext extends DriverSources {
  /** The config file: paths of custom drivers are relative to it. */
  readonly file: string;
  readonly document: YamlDocument;
  readonly findings: Findings;
}

/** Entries, and the paths of the references among them. */
export interface ReadEntries {
  readonly entries: readonly Entry[];
  /** The path of each `ref` value by the names of its entry, joined by dots. */
  readonly refs: ReadonlyMap<string, YamlPath>;
}

/** Reads the map of entries at `path`. */
export async function readEntries(
  value: unknown,
  path: YamlPath,
  context: EntryContext,
): Promise<ReadEntries> {
  const reader = new EntryReader(context);
  return { entries: await reader.readMap(value, path, ""), refs: reader.refs };
}

/** The name and path of an entry. */
interface EntryPath {
  readonly name: string;
  readonly path: YamlPath;
  /** Names from the root, joined by dots. */
  readonly names: string;
}

const texts = z.object({
  description: z.string().nullish(),
  methods_description: z.record(z.string(), z.string()).optional(),
});
const reference = z.object({ ref: z.string().min(1) });

class EntryReader {
  readonly refs = new Map<string, YamlPath>();
  readonly #uuids = new Map<string, string>();
  readonly #context: EntryContext;
  readonly #findings: Findings;

  constructor(context: EntryContext) {
    this.#context = context;
    this.#findings = context.findings;
  }

  /** The entries of a map; `parent` is the names above it, joined by dots. */
  async readMap(value: unknown, path: YamlPath, parent: string): Promise<Entry[]> {
    if (!isMap(value)) {
      this.#findings.error(path, notEntries(value, String(path.at(-1))), "key");
      return [];
    }
    const entries: Entry[] = [];
    for (const name of this.#context.document.keys(path)) {
      const names = parent ? `${parent}.${name}` : name;
      const at = { name, path: [...path, name], names };
      this.#checkName(at);
      entries.push(await this.#readEntry(value[name], at));
    }
    return entries;
  }

  async #readEntry(value: unknown, at: EntryPath): Promise<Entry> {
    if (!isMap(value)) {
      this.#findings.error(at.path, notAnEntry(at.name, value), "key");
      return broken(at.name);
    }
    const form = entryForm(value, at.path, this.#context);
    if (form === undefined) return broken(at.name);
    if (form === "proxy") return await this.#readProxy(value, at.path, at);
    const type = form === "composite" ? COMPOSITE_TYPE : value.type;
    if (type !== PROXY_TYPE) return await this.#readDriver(type, value, at);
    const config = isMap(value.config) ? value.config : {};
    return await this.#readProxy(config, [...at.path, "config"], at);
  }

  async #readProxy(holder: YamlMap, path: YamlPath, at: EntryPath): Promise<Entry> {
    const parsed = await validate(reference, { ref: holder.ref }, this.#contextAt(path, "a proxy"));
    if (!parsed) return broken(at.name);
    this.refs.set(at.names, [...path, "ref"]);
    return { kind: "proxy", name: at.name, ref: parsed.ref } satisfies ProxyEntry;
  }

  async #readDriver(type: unknown, entry: YamlMap, at: EntryPath): Promise<DriverEntry> {
    const { name, path } = at;
    const owner = typeof type === "string" ? type : name;
    const driver = await findDriver(type, { ...this.#context, path: [...path, "type"] });
    const config = this.#contextAt([...path, "config"], owner);
    const { source, base } = await readDriverConfig(driver, entry.config, config);
    const own = await this.#readTexts(entry, path, owner);
    const description = own.description ?? base.description;
    const uuid = this.#checkUuid(base.uuid, at);
    return {
      kind: "driver",
      name,
      type: owner,
      source,
      ...(description && { description }),
      methodsDescription: own.methods_description ?? base.methods_description ?? {},
      labels: base.labels ?? {},
      ...(uuid && { uuid }),
      children: await this.#readChildren(entry, driver, at),
    };
  }

  async #readTexts(entry: YamlMap, path: YamlPath, owner: string): Promise<z.output<typeof texts>> {
    const { description, methods_description } = entry;
    const given = {
      ...(description !== undefined && { description }),
      ...(methods_description !== undefined && { methods_description }),
    };
    return await validate(texts, given, this.#contextAt(path, owner)) ?? {};
  }

  async #readChildren(
    entry: YamlMap,
    driver: DriverManifest | UnavailableDriver,
    { path, names }: EntryPath,
  ): Promise<Entry[]> {
    if (entry.children === undefined) return [];
    const children = [...path, "children"];
    if (!("unavailable" in driver) && !driver.children) {
      const message = `expected no children, because ${driver.type} takes none, found some; ` +
        "move them out of this driver";
      this.#findings.error(children, message, "key");
    }
    return await this.readMap(entry.children, children, names);
  }

  #checkName({ name, path }: EntryPath): void {
    if (name === "") {
      this.#findings.error(path, "expected the name of a driver, found an empty key", "key");
    } else if (name.includes(".")) {
      const message = `the name '${name}' contains a dot, so no 'ref:' can refer to it; ` +
        "write it without dots";
      this.#findings.warning(path, message, "key");
    }
  }

  /** Clients find drivers by uuid, so two drivers must not share one. */
  #checkUuid(uuid: string | undefined, { path, names }: EntryPath): string | undefined {
    if (uuid === undefined) return undefined;
    const first = this.#uuids.get(uuid.toLowerCase());
    this.#uuids.set(uuid.toLowerCase(), first ?? names);
    if (first === undefined) return uuid.toLowerCase();
    const message = `expected a unique uuid, found that of '${first}'; remove or change it`;
    this.#findings.error([...path, "config", "uuid"], message);
    return undefined;
  }

  #contextAt(path: YamlPath, owner: string) {
    return { document: this.#context.document, findings: this.#findings, path, owner };
  }
}

function broken(name: string): DriverEntry {
  return {
    kind: "driver",
    name,
    type: "",
    source: BROKEN,
    methodsDescription: {},
    labels: {},
    children: [],
  };
}
