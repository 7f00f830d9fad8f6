/** Mistakes in the keys of YAML maps. @module */
import {
  type Document,
  isCollection,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Pair,
  Scalar,
  visit,
  type YAMLMap,
} from "yaml";
import { placeholderProblem } from "../../text/placeholder.ts";
import type { Findings } from "./diagnostics.ts";
import { readYaml11 } from "./yaml11.ts";
import type { SyntaxProblem } from "./syntax.ts";
import { isMergeKey, type YamlDocument } from "./document.ts";
import { pathText, type YamlPath } from "./position.ts";

/** The first key that is not text, or that merges (`<<`) something other than a map. */
export function findBadKey(document: YamlDocument, text: string): SyntaxProblem | undefined {
  let found: SyntaxProblem | undefined;
  visit(document.ast as Document, {
    Pair(_, { key, value }) {
      const isUnfilled = isCollection(key) && text[offset(key) - 1] === "{";
      const message = isUnfilled
        ? placeholderProblem("{{", "a value")
        : isCollection(document.resolve(key))
        ? "expected a key that is text, found a map or a list as a key; " +
          "put text that begins with { or [ in quotes"
        : isMergeKey(key) && !isMergeable(value, document)
        ? "expected '<<' to merge a map, found something else; write an alias of a map, as in <<: *name"
        : undefined;
      if (!message) return undefined;
      found = { at: document.at(offset(key) - (isUnfilled ? 1 : 0)), message };
      return visit.BREAK;
    },
  });
  return found;
}

function isMergeable(value: unknown, document: YamlDocument): boolean {
  const target = document.resolve(value);
  if (!isSeq(target)) return isMap(target);
  return target.items.every((item) => isMap(document.resolve(item)));
}

/** Reports keys that occur twice in their map, or that YAML 1.1 reads as something else. */
export function checkKeys(document: YamlDocument, findings: Findings): void {
  visit(document.ast as Document, {
    Map(_, map, ancestors) {
      const parent = ancestorPath([...ancestors, map], document);
      const seen = new Map<string, Pair>();
      for (const pair of map.items) {
        if (isMergeKey(pair.key)) continue;
        const path = [...parent, document.keyText(pair.key)];
        checkReading(pair.key, path, document, findings);
        checkTwice(pair, seen, path, document, findings);
      }
    },
  });
}

function checkReading(
  key: unknown,
  path: YamlPath,
  document: YamlDocument,
  findings: Findings,
): void {
  if (!isScalar(key) || key.type !== Scalar.PLAIN) return;
  const legacy = readYaml11(key.source ?? "");
  if (typeof legacy.value === "string") return;
  const text = key.source ?? "";
  findings.add(
    "warning",
    document.at(offset(key)),
    pathText(path),
    keyMessage(text, legacy.words, path),
  );
}

function keyMessage(text: string, words: string, path: YamlPath): string {
  const dropped = path.at(-2) === "methods_description" ? " and drops the driver" : "";
  return `the key ${text || "(empty)"} is text here, but the official exporter reads ${words}` +
    `${dropped} (YAML 1.1); write it in quotes: "${text}":`;
}

function checkTwice(
  pair: Pair,
  seen: Map<string, Pair>,
  path: YamlPath,
  document: YamlDocument,
  findings: Findings,
): void {
  const name = String(path.at(-1));
  const first = seen.get(name);
  seen.set(name, first ?? pair);
  if (!first) return;
  // As for the official exporter, the last one counts.
  const { line, column } = document.at(offset(first.key));
  const message = `expected the key '${name}' once, found it again (first on line ${line}, ` +
    `column ${column}), so this one replaces it; rename or remove one of them`;
  findings.add("warning", document.at(offset(pair.key)), pathText(path), message);
}

/** The path of the last of `ancestors`. */
function ancestorPath(ancestors: readonly unknown[], document: YamlDocument): (string | number)[] {
  return ancestors.flatMap((node, index): (string | number)[] => {
    if (isPair(node)) return [document.keyText(node.key)];
    const parent = ancestors[index - 1];
    const inList = isCollection(parent) && !isMap(parent);
    return inList ? [(parent as YAMLMap).items.indexOf(node as never)] : [];
  });
}

function offset(node: unknown): number {
  return (node as { range?: readonly number[] } | null)?.range?.[0] ?? 0;
}
