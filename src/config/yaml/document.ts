/** A parsed YAML text with the positions of its parts. @module */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseDocument,
  type Scalar,
  visit,
  type YAMLMap,
} from "yaml";
import type { Position, YamlPath } from "./position.ts";

/** A YAML 1.2 document with the positions of its keys and values. */
export class YamlDocument {
  readonly ast: Document.Parsed;
  readonly #lines = new LineCounter();
  readonly #shifts: ReadonlyMap<number, number>;
  readonly #indexes = new WeakMap<YAMLMap, Map<string, Pair>>();
  /** Offset of the last visible character: no position lies beyond it. */
  readonly #end: number;

  /** @param shifts columns by which lines were moved to the right before parsing, by line. */
  constructor(text: string, shifts: ReadonlyMap<number, number> = new Map()) {
    this.#shifts = shifts;
    this.#end = Math.max(0, text.trimEnd().length - 1);
    this.ast = parseDocument(text, {
      lineCounter: this.#lines,
      schema: "core",
      merge: true,
      resolveKnownTags: false,
      // Reported by checkKeys, with the position of the first one.
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: "error",
    });
    keepKeyTexts(this.ast);
  }

  /** The position of an offset of the parsed text, in the file as the user wrote it. */
  at(offset: number): Position {
    const { line, col } = this.#lines.linePos(Math.min(offset, this.#end));
    const column = col - (this.#shifts.get(line) ?? 0);
    return { line: Math.max(1, line), column: Math.max(1, column) };
  }

  /** Position of the value at `path`: its key if it is empty, the nearest parent if it is missing. */
  value(path: YamlPath): Position {
    const found = this.#find(path);
    if (!found) return path.length === 0 ? this.at(0) : this.key(path.slice(0, -1));
    const range = nodeRange(found.node);
    if (!range || range[0] === range[1]) return this.key(path);
    return this.at(range[0]);
  }

  /** Position of the last key of `path`; the nearest parent if it is missing. */
  key(path: YamlPath): Position {
    if (path.length === 0) return this.at(0);
    const found = this.#find(path);
    const range = nodeRange(found?.pair?.key) ?? nodeRange(found?.node);
    return range ? this.at(range[0]) : this.key(path.slice(0, -1));
  }

  /** The keys of the map at `path` in the order of the file, merged ones last. */
  keys(path: YamlPath): string[] {
    const node = this.resolve(this.#find(path)?.node);
    return isMap(node) ? [...this.#index(node).keys()] : [];
  }

  /** The scalar at `path`, or undefined. */
  scalar(path: YamlPath): Scalar | undefined {
    const node = this.resolve(this.#find(path)?.node);
    return isScalar(node) ? node : undefined;
  }

  /** The text of the scalar without quotes at `path`, or undefined. */
  written(path: YamlPath): string | undefined {
    const scalar = this.scalar(path);
    return scalar?.type === "PLAIN" ? scalar.source : undefined;
  }

  /** A key as it appears in the parsed value. */
  keyText(key: unknown): string {
    const target = this.resolve(key);
    return isScalar(target) ? String(target.value ?? "") : String(target ?? "");
  }

  /** The node that an alias stands for; any other node itself. */
  resolve(node: unknown): unknown {
    return isAlias(node) ? node.resolve(this.ast) : node;
  }

  #find(path: YamlPath): { node: unknown; pair?: Pair } | undefined {
    let found: { node: unknown; pair?: Pair } = { node: this.ast.contents };
    for (const part of path) {
      const node = this.resolve(found.node);
      if (isSeq(node) && typeof part === "number" && part < node.items.length) {
        found = { node: node.items[part] };
        continue;
      }
      const pair = isMap(node) ? this.#index(node).get(String(part)) : undefined;
      if (!pair) return undefined;
      found = { node: pair.value, pair };
    }
    return found;
  }

  #index(map: YAMLMap): Map<string, Pair> {
    const known = this.#indexes.get(map);
    if (known) return known;
    const index = new Map<string, Pair>();
    for (const pair of map.items.filter(({ key }) => !isMergeKey(key))) {
      // Of keys that occur twice, the last one counts.
      index.set(this.keyText(pair.key), pair);
    }
    for (const pair of this.#merged(map)) {
      const key = this.keyText(pair.key);
      if (!index.has(key)) index.set(key, pair);
    }
    this.#indexes.set(map, index);
    return index;
  }

  /** The pairs of the maps that `map` merges. */
  #merged(map: YAMLMap): Pair[] {
    return map.items.filter((pair) => isMergeKey(pair.key)).flatMap((pair) => {
      const value = this.resolve(pair.value);
      const maps = isSeq(value) ? value.items.map((item) => this.resolve(item)) : [value];
      return maps.filter(isMap).flatMap((inner) => [...this.#index(inner).values()]);
    });
  }
}

/** Keeps keys as they were written: a driver named `007` or `1.10` has that name. */
function keepKeyTexts(document: Document.Parsed): void {
  visit(document as Document, {
    Pair(_, { key }) {
      if (isScalar(key) && key.type === "PLAIN" && !isMergeKey(key) && key.source) {
        key.value = key.source;
      }
    },
  });
}

/** Whether a key is YAML 1.1's `<<`. */
export function isMergeKey(key: unknown): boolean {
  return isScalar(key) && typeof key.value === "symbol";
}

function nodeRange(node: unknown): readonly [number, number, number] | undefined {
  return (node as { range?: [number, number, number] | null } | null | undefined)?.range ??
    undefined;
}
