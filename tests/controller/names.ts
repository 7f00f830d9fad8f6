/**
 * Resource names and label selectors of the client service.
 *
 * @module
 */

/** The collections of resource names. */
export type Collection = "exporters" | "clients" | "leases";

/** `namespaces/NS/COLLECTION/NAME` */
export function resourceName(namespace: string, collection: Collection, name: string): string {
  return `namespaces/${namespace}/${collection}/${name}`;
}

/** The parts of a resource name, or undefined if it is not of that collection. */
export function parseResourceName(
  text: string,
  collection: Collection,
): { namespace: string; name: string } | undefined {
  const [prefix, namespace, found, name, ...rest] = text.split("/");
  if (prefix !== "namespaces" || found !== collection || rest.length > 0) return undefined;
  return namespace && name ? { namespace, name } : undefined;
}

/** One condition of a selector on a set of labels. */
export type Requirement = (labels: Readonly<Record<string, string>>) => boolean;

const SET = /^(\S+)\s+(in|notin)\s+\(([^)]*)\)$/;
const EQUAL = /^([^\s=!]+)\s*(==|=|!=)\s*(\S*)$/;
const EXISTS = /^(!?)([^\s=!]+)$/;

/**
 * A Kubernetes label selector: `k=v`, `k!=v`, `k in (a,b)`, `k notin (a,b)`, `k`, `!k`,
 * joined with commas; the empty one matches everything.
 * @throws {Error} naming the part that is none of these
 */
export function parseSelector(selector: string): Requirement {
  // A comma inside parentheses separates values and not requirements.
  const parts = selector.split(/,(?![^(]*\))/).map((part) => part.trim()).filter(Boolean);
  const requirements = parts.map(parseRequirement);
  return (labels) => requirements.every((matches) => matches(labels));
}

function parseRequirement(part: string): Requirement {
  const set = SET.exec(part);
  if (set) {
    const [, key = "", operator, list = ""] = set;
    const values = list.split(",").map((value) => value.trim());
    const wanted = operator === "in";
    return (labels) => values.includes(labels[key] ?? "\0") === wanted;
  }
  const equal = EQUAL.exec(part);
  if (equal) {
    const [, key = "", operator, value] = equal;
    return (labels) => (labels[key] === value) === (operator !== "!=");
  }
  const exists = EXISTS.exec(part);
  if (exists) {
    const [, not, key = ""] = exists;
    return (labels) => (key in labels) === (not === "");
  }
  throw new Error(`Cannot read selector: expected key=value, found ${JSON.stringify(part)}`);
}

/** The `k=v` requirements of a selector, which a lease carries as labels of its own. */
export function selectorLabels(selector: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const part of selector.split(/,(?![^(]*\))/)) {
    const [, key, operator, value] = EQUAL.exec(part.trim()) ?? [];
    if (key && operator !== "!=") labels[key] = value ?? "";
  }
  return labels;
}
