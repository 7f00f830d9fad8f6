/** Aliases that have no anchor, or that make a document endless or huge. @module */
import { type Alias, type Document, isAlias, isCollection, isPair, type Node } from "yaml";
import type { YamlDocument } from "./document.ts";
import type { SyntaxProblem } from "./syntax.ts";

/** More values than any exporter config has; a few lines of nested aliases expand to billions. */
const MAX_VALUES = 100_000;
/** Deeper than any tree of drivers, and too shallow to exhaust the stack. */
const MAX_DEPTH = 200;

/** The first alias without an anchor, inside its own anchor, or beyond the limits. */
export function findAliasProblem(document: YamlDocument): SyntaxProblem | undefined {
  try {
    new Expansion(document.ast).measure(document.ast.contents);
    return undefined;
  } catch (error) {
    if (error instanceof AliasError) {
      return { at: document.at(error.offset), message: error.message };
    }
    throw error;
  }
}

class AliasError extends Error {
  constructor(message: string, readonly offset: number) {
    super(message);
  }
}

interface Extent {
  readonly values: number;
  readonly depth: number;
}

const ONE: Extent = { values: 1, depth: 1 };

class Expansion {
  readonly #document: Document;
  readonly #known = new Map<unknown, Extent>();
  readonly #unfinished = new Set<unknown>();

  constructor(document: Document) {
    this.#document = document;
  }

  /** The number of values in `node` and their depth, with its aliases expanded. */
  measure(node: unknown): Extent {
    if (isPair(node)) {
      // A key holds one value at most, but its alias needs an anchor, too.
      if (isAlias(node.key)) this.#target(node.key);
      return this.measure(node.value);
    }
    if (isAlias(node)) return this.measure(this.#target(node));
    if (!isCollection(node)) return ONE;
    const known = this.#known.get(node);
    if (known) return known;
    this.#unfinished.add(node);
    const inner = node.items.map((item) => this.measure(item));
    const extent = {
      values: inner.reduce((total, { values }) => total + values, 1),
      depth: inner.reduce((deepest, { depth }) => Math.max(deepest, depth), 0) + 1,
    };
    if (extent.values > MAX_VALUES || extent.depth > MAX_DEPTH) {
      const message = `expected at most ${MAX_VALUES} values and ${MAX_DEPTH} levels, found more ` +
        "once aliases are expanded; write the values out";
      throw new AliasError(message, offset(node));
    }
    this.#unfinished.delete(node);
    this.#known.set(node, extent);
    return extent;
  }

  #target(alias: Alias): Node {
    const target = alias.resolve(this.#document);
    if (!target) {
      const message = `expected an anchor '&${alias.source}' above, found none; ` +
        `put text that begins with * in quotes: "*${alias.source}"`;
      throw new AliasError(message, offset(alias));
    }
    if (!this.#unfinished.has(target)) return target;
    const message =
      `expected an alias of a value that ends before it, found '*${alias.source}' inside ` +
      `'&${alias.source}' itself; write the value out`;
    throw new AliasError(message, offset(alias));
  }
}

function offset(node: Node): number {
  return node.range?.[0] ?? 0;
}
