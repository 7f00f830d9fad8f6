/**
 * Reads the entries of the `export:` map. An entry with errors stays in the result as a driver
 * that is not available, so that the others work.
 *
 * @module
 */
import { z } from "zod";
import {
  COMPOSITE_TYPE,
  type DriverEntry,
  type DriverSource,
  type Entry,
  PROXY_TYPE,
  type ProxyEntry,
} from "../../tree/entry.ts";
import type { Findings } from "../yaml/diagnostics.ts";
import { readDriverConfig } from "./driver_config.ts";
import { entryForm, isEmpty, notAnEntry, notEntries } from "./entry_form.ts";
import type { IndentationProblem } from "./entry_indentation.ts";
import { knownKeys } from "./known_keys.ts";
import { unusable, unusableEntry } from "./unusable.ts";
import type { YamlDocument } from "../yaml/document.ts";
import { pathText, type YamlPath } from "../yaml/position.ts";
import { type DriverSources, findDriver, type FoundDriver } from "./driver_types.ts";
import type { ProcessFinder } from "../../tree/loader.ts";
import { validate, type ValueContext } from "./validate.ts";
import { pathBelow } from "../../tree/path.ts";
import { isMap, type YamlMap } from "../yaml/map.ts";

/** The config file, and the drivers that its entries can name. */
export interface EntryContext extends DriverSources {
  /** Finds drivers that other processes serve. */
  readonly processes: ProcessFinder | undefined;
  /** The config file: paths of custom drivers are relative to it. */
  readonly file: string;
  readonly document: YamlDocument;
  readonly findings: Findings;
  /** Entries whose keys were not indented below their names, by the paths of the entries. */
  readonly misplaced: ReadonlyMap<string, IndentationProblem>;
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
  const entries = await reader.readMap(value, path, "");
  const { processes } = context;
  return { entries: await processes?.adopt(entries, value) ?? entries, refs: reader.refs };
}

/** The name and path of an entry, and what is found in it. */
interface EntryPath {
  readonly name: string;
  readonly findings: Findings;
  readonly path: YamlPath;
  /** Names from the root, joined by dots. */
  readonly names: string;
}

const texts = {
  description: z.string().nullish(),
  methods_description: z.record(z.string(), z.string()).optional(),
};
interface EntryTexts {
  readonly description: string | null | undefined;
  readonly methods_description: Record<string, string> | undefined;
}

const reference = z.object({ ref: z.string().min(1) });

class EntryReader {
  readonly refs = new Map<string, YamlPath>();
  readonly #uuids = new Map<string, string>();
  readonly #context: EntryContext;

  constructor(context: EntryContext) {
    this.#context = context;
  }

  /** The entries of a map; `parent` is the names above it, joined by dots. */
  async readMap(
    value: unknown,
    path: YamlPath,
    parent: string,
    findings: Findings = this.#context.findings,
  ): Promise<Entry[]> {
    if (!isMap(value)) {
      findings.error(path, notEntries(value, String(path.at(-1))), "key");
      return [];
    }
    const entries: Entry[] = [];
    for (const name of this.#context.document.keys(path)) {
      const names = pathBelow(parent, name);
      const findings = this.#context.findings.within("entry");
      const at = { name, path: [...path, name], names, findings };
      if (this.#hasName(at)) entries.push(await this.#readEntry(value[name], at));
    }
    return entries;
  }

  async #readEntry(value: unknown, at: EntryPath): Promise<Entry> {
    const { path, findings } = at;
    this.#reportMisplaced(at);
    if (!isMap(value)) {
      findings.error(path, notAnEntry(at.name, value), "key");
      return unusableEntry(at);
    }
    const { document } = this.#context;
    const settings = this.#settings(value.type);
    const form = entryForm(value, path, { document, findings, settings });
    if (form === undefined) return unusableEntry(at);
    if (form === "proxy") return await this.#readProxy(value, path, at);
    const type = form === "composite" ? COMPOSITE_TYPE : value.type;
    if (type !== PROXY_TYPE) return await this.#readDriver(type, value, at);
    const config = isMap(value.config) ? value.config : {};
    return await this.#readProxy(config, [...path, "config"], at);
  }

  /** The settings of a built-in driver. */
  #settings(type: unknown): string[] {
    const manifest = typeof type === "string" ? this.#context.registry.get(type) : undefined;
    return manifest ? knownKeys(manifest.config) : [];
  }

  #reportMisplaced({ path, findings }: EntryPath): void {
    const problem = this.#context.misplaced.get(pathText(path));
    if (!problem) return;
    const severity = problem.tolerated ? "warning" : "error";
    findings.add(severity, problem, pathText(path), problem.message);
  }

  async #readProxy(holder: YamlMap, path: YamlPath, at: EntryPath): Promise<Entry> {
    const context = this.#contextAt(path, "a proxy", at);
    const parsed = await validate(reference, { ref: holder.ref }, context);
    if (!parsed || at.findings.problem) return unusableEntry(at);
    this.refs.set(at.names, [...path, "ref"]);
    return { kind: "proxy", name: at.name, ref: parsed.ref } satisfies ProxyEntry;
  }

  async #readDriver(type: unknown, entry: YamlMap, at: EntryPath): Promise<DriverEntry> {
    const { name, path, findings } = at;
    const owner = typeof type === "string" ? type : name;
    const keys = path.slice(1).map(String);
    const given = { type, keys, path: at.names, value: entry };
    const context = { ...this.#context, findings, path: [...path, "type"] };
    const driver = await findDriver(given, context);
    const config = this.#contextAt([...path, "config"], owner, at);
    const { source, base } = await readDriverConfig(driver, entry.config, config);
    const own = await this.#readTexts(entry, owner, at);
    const description = own.description ?? base.description;
    const uuid = this.#checkUuid(base.uuid, at);
    const children = await this.#readChildren(entry, driver, at);
    return {
      kind: "driver",
      name,
      type: owner,
      source: sourceOf(source, driver, entry.config, findings),
      ...(description && { description }),
      methodsDescription: own.methods_description ?? base.methods_description ?? {},
      labels: base.labels ?? {},
      ...(uuid && { uuid }),
      children,
    };
  }

  /** The texts for `--help`; the driver works without them. */
  async #readTexts(entry: YamlMap, owner: string, at: EntryPath): Promise<EntryTexts> {
    const findings = at.findings.tolerating(
      "it is ignored; the official exporter silently drops the driver",
    );
    const read = async <S extends z.ZodType>(schema: S, key: string) =>
      entry[key] === undefined ? undefined : await validate(
        schema,
        entry[key],
        { ...this.#contextAt([...at.path, key], owner, at), findings },
      );
    const description = await read(texts.description, "description");
    const methods = await read(texts.methods_description, "methods_description");
    return { description, methods_description: methods };
  }

  async #readChildren(
    entry: YamlMap,
    driver: FoundDriver,
    { path, names, findings }: EntryPath,
  ): Promise<Entry[]> {
    if (entry.children === undefined) return [];
    const children = [...path, "children"];
    if (isEmpty(entry.children)) {
      findings.warning(children, notEntries(entry.children, "children"), "key");
      return [];
    }
    const read = await this.readMap(entry.children, children, names, findings);
    if (read.length > 0 && "load" in driver && !driver.children) {
      const message = `expected no children, because ${driver.type} makes no use of any, ` +
        "found some; clients can use them, but you can move them out of this driver";
      findings.warning(children, message, "key");
    }
    return read;
  }

  /** Reports a name that is hard to use; an empty one cannot be. */
  #hasName({ name, path, findings }: EntryPath): boolean {
    if (name === "") {
      findings.error(path, "expected the name of a driver, found an empty key", "key");
    } else if (name.includes(".")) {
      const message = `the name '${name}' contains a dot, so no 'ref:' can refer to it; ` +
        "write it without dots";
      findings.warning(path, message, "key");
    }
    return name !== "";
  }

  /** Clients find drivers by uuid, so a driver with the uuid of another gets its own. */
  #checkUuid(uuid: string | undefined, { path, names, findings }: EntryPath): string | undefined {
    if (uuid === undefined) return undefined;
    const first = this.#uuids.get(uuid);
    this.#uuids.set(uuid, first ?? names);
    if (first === undefined) return uuid;
    const message = `expected a unique uuid, found that of '${first}', so it is ignored; ` +
      "remove or change it";
    findings.warning([...path, "config", "uuid"], message);
    return undefined;
  }

  #contextAt(path: YamlPath, owner: string, { findings }: EntryPath): ValueContext {
    return { document: this.#context.document, findings, path, owner };
  }
}

/** The source of a driver; the unchecked config is part of it if the driver is not available. */
function sourceOf(
  source: DriverSource | undefined,
  { client }: { readonly client?: string },
  config: unknown,
  findings: Findings,
): DriverSource {
  const usable = findings.problem ? undefined : source;
  if (usable && "manifest" in usable) return usable;
  return { ...(usable ?? unusable(findings, client)), config };
}
