/** Checks what `open` returned. The compiler checks built-in drivers; custom ones may return anything. @module */
import { didYouMean } from "../text/nearest.ts";
import { DriverError } from "../wire/error.ts";

/** The key of drivers that a driver makes itself. */
const PARTS = "parts";

/** @throws {DriverError} if `given` are no tables of methods; `kinds` are the keys of those. */
export function checkTables(given: unknown, kinds: readonly string[]): void {
  if (typeof given !== "object" || given === null) {
    throw new DriverError(`${expected(kinds)}, found ${String(given)}; return {} at least`);
  }
  const tables = given as Record<string, unknown>;
  checkKeys(tables, kinds);
  for (const kind of kinds) {
    for (const [name, method] of Object.entries(tables[kind] ?? {})) {
      if (typeof method === "function" || (kind !== "bytes" && isDeclared(method))) continue;
      throw new DriverError(`expected ${kind}.${name} to be a function, found ${typeof method}`);
    }
  }
}

function expected(kinds: readonly string[]): string {
  return `expected open() to return { ${kinds.join(", ")} }`;
}

/** An object of a class may have further members. */
function checkKeys(tables: Record<string, unknown>, kinds: readonly string[]): void {
  if (!isPlain(tables)) {
    if (kinds.some((kind) => tables[kind] !== undefined)) return;
    const { name } = tables.constructor;
    throw new DriverError(`${expected(kinds)}, found an object of ${name} that has none of them`);
  }
  const known = [...kinds, PARTS];
  const key = Object.keys(tables).find((each) => !known.includes(each));
  if (key === undefined) return;
  const advice = adviceFor(key, tables[key], known);
  throw new DriverError(`${expected(kinds)}, found '${key}' beside them; ${advice}`);
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function adviceFor(key: string, value: unknown, known: readonly string[]): string {
  if (typeof value !== "function" && !isDeclared(value)) {
    return didYouMean(key, known).slice(2) || "remove it";
  }
  const code = typeof value === "function" ? value : (value as { run: object }).run;
  return `put '${key}' below ${/Generator/.test(code.constructor.name) ? "streams" : "calls"}`;
}

/** Whether a value was made by `withArgs`. */
function isDeclared(method: unknown): boolean {
  const { parameters, run } = (method ?? {}) as { parameters?: unknown; run?: unknown };
  return Array.isArray(parameters) && typeof run === "function";
}
