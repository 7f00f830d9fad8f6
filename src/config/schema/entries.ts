/**
 * The `export:` map as driver entries. Whatever is wrong with an entry is reported, and
 * the entry keeps its place, so that nothing else is blamed for its absence.
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
import { type DriverSources, isFileType, resolveType, suggestType } from "./driver_types.ts";
import { validate } from "./validate.ts";
import { isMap, type YamlMap } from "../yaml/map.ts";
import { describeValue } from "./describe.ts";

/** What reading entries needs. */
export interface EntryContext extends DriverSources {
  /** The config file: a site's drivers are found relative to it. */
  readonly file: string;
  readonly document: YamlDocument;
  readonly findings: Findings;
}

/** Entries, and where the references among them stand. */
export interface ReadEntries {
  readonly entries: readonly Entry[];
  /** The place of each `ref` value, by its entry's names joined by dots. */
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

/** Where an entry stands. */
interface Place {
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
      const place = { name, path: [...path, name], names };
      this.#checkName(place);
      entries.push(await this.#readEntry(value[name], place));
    }
    return entries;
  }

  async #readEntry(value: unknown, place: Place): Promise<Entry> {
    if (!isMap(value)) {
      this.#findings.error(place.path, notAnEntry(place.name, value), "key");
      return broken(place.name);
    }
    const form = entryForm(value, place.path, this.#context);
    if (form === undefined) return broken(place.name);
    if (form === "proxy") return await this.#readProxy(value, place.path, place);
    const type = form === "composite" ? COMPOSITE_TYPE : value.type;
    if (type !== PROXY_TYPE) return await this.#readDriver(type, value, place);
    const config = isMap(value.config) ? value.config : {};
    return await this.#readProxy(config, [...place.path, "config"], place);
  }

  async #readProxy(holder: YamlMap, path: YamlPath, place: Place): Promise<Entry> {
    const parsed = await validate(reference, { ref: holder.ref }, this.#at(path, "a proxy"));
    if (!parsed) return broken(place.name);
    this.refs.set(place.names, [...path, "ref"]);
    return { kind: "proxy", name: place.name, ref: parsed.ref } satisfies ProxyEntry;
  }

  async #readDriver(type: unknown, entry: YamlMap, place: Place): Promise<DriverEntry> {
    const { name, path } = place;
    const owner = typeof type === "string" ? type : name;
    const driver = await this.#resolve(type, path);
    const config = this.#at([...path, "config"], owner);
    const { source, base } = await readDriverConfig(driver, entry.config, config);
    const own = await this.#readTexts(entry, path, owner);
    const description = own.description ?? base.description;
    const uuid = this.#checkUuid(base.uuid, place);
    return {
      kind: "driver",
      name,
      type: owner,
      source,
      ...(description && { description }),
      methodsDescription: own.methods_description ?? base.methods_description ?? {},
      labels: base.labels ?? {},
      ...(uuid && { uuid }),
      children: await this.#readChildren(entry, driver, place),
    };
  }

  async #resolve(type: unknown, path: YamlPath): Promise<DriverManifest | UnavailableDriver> {
    const at = [...path, "type"];
    const { registry, file } = this.#context;
    if (typeof type !== "string" || !(type.includes(".") || isFileType(type))) {
      const suggestion = typeof type === "string" ? suggestType(type, registry.keys()) : "";
      const message = `expected the dotted name of a driver or ./file.ts#Name, found ` +
        describeValue(type) + suggestion;
      this.#findings.error(at, message);
      return BROKEN;
    }
    const driver = await resolveType(type, file, this.#context);
    if ("unavailable" in driver) {
      const reason = driver.unavailable.message.replace(/[;.]$/, "");
      const stop = reason.endsWith("?") ? " The" : "; the";
      this.#findings.warning(at, `${reason}${stop} exporter starts with this driver degraded`);
    }
    return driver;
  }

  async #readTexts(entry: YamlMap, path: YamlPath, owner: string): Promise<z.output<typeof texts>> {
    const { description, methods_description } = entry;
    const given = {
      ...(description !== undefined && { description }),
      ...(methods_description !== undefined && { methods_description }),
    };
    return await validate(texts, given, this.#at(path, owner)) ?? {};
  }

  async #readChildren(
    entry: YamlMap,
    driver: DriverManifest | UnavailableDriver,
    { path, names }: Place,
  ): Promise<Entry[]> {
    if (entry.children === undefined) return [];
    const at = [...path, "children"];
    if (!("unavailable" in driver) && !driver.children) {
      const message = `expected no children, because ${driver.type} has none, found some; ` +
        "move them out of this driver";
      this.#findings.error(at, message, "key");
    }
    return await this.readMap(entry.children, at, names);
  }

  #checkName({ name, path }: Place): void {
    if (name === "") {
      this.#findings.error(path, "expected the name of a driver, found an empty key", "key");
    } else if (name.includes(".")) {
      const message = `the name '${name}' has a dot in it, so no 'ref:' can name it; ` +
        "write it without dots";
      this.#findings.warning(path, message, "key");
    }
  }

  /** Clients find drivers by uuid, so two drivers must not share one. */
  #checkUuid(uuid: string | undefined, { path, names }: Place): string | undefined {
    if (uuid === undefined) return undefined;
    const first = this.#uuids.get(uuid.toLowerCase());
    this.#uuids.set(uuid.toLowerCase(), first ?? names);
    if (first === undefined) return uuid.toLowerCase();
    const message = `expected a uuid of its own, found that of '${first}'; remove or change it`;
    this.#findings.error([...path, "config", "uuid"], message);
    return undefined;
  }

  #at(path: YamlPath, owner: string) {
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
