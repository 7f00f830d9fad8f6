/** In the worker: whether what a file returns is the definition of a driver. @module */
import { didYouMean } from "../../text/nearest.ts";
import type { Problem } from "./protocol.ts";

/** The members of a definition: the name, what it must be, and the check. */
const MEMBERS: readonly [string, string, (value: unknown) => boolean][] = [
  ["type", "a dotted name, such as 'acme.Relay'", (v) => v === undefined || isDotted(v)],
  ["client", "the dotted name of a Python client class", isDotted],
  ["config", "a zod schema, such as z.strictObject({})", isSchema],
  ["open", "a function", isFunction],
  ["children", "true or false", (v) => v === undefined || typeof v === "boolean"],
  ["labels", "a function", (v) => v === undefined || isFunction(v)],
  ["probe", "a function", (v) => v === undefined || isFunction(v)],
  ["summary", "one line of text", (v) => v === undefined || isLine(v)],
  ["methods", "tables of sentences by signature", (v) => v === undefined || isMethodTexts(v)],
];

/** Further members, which `defineDriver` adds, or which have no effect in a custom driver. */
const OTHERS = ["load", "discover", "discoverable"];

/** Why a custom driver has no parts, and what to do. */
export const NO_PARTS =
  "a custom driver cannot make parts; use children, or export each part as a driver";

/** Members of the wrong place: the advice for each. */
const MISPLACED: Readonly<Record<string, string>> = {
  calls: "put it into the object that open() returns",
  streams: "put it into the object that open() returns",
  bytes: "put it into the object that open() returns",
  parts: NO_PARTS,
};

/** Why a value is no definition of a driver; undefined if it is one. */
export function shapeProblem(driver: unknown): Problem | undefined {
  if (typeof driver !== "object" || driver === null) {
    return { text: `expected a driver made with defineDriver, found ${nameKind(driver)}` };
  }
  const members = driver as Record<string, unknown>;
  const text = unknownMember(members) ?? wrongMember(members);
  if (text === undefined) return undefined;
  return { ...(isDotted(members["type"]) && { type: members["type"] as string }), text };
}

function unknownMember(members: Record<string, unknown>): string | undefined {
  const known = [...MEMBERS.map(([member]) => member), ...OTHERS];
  const unknown = Object.keys(members).find((member) => !known.includes(member));
  if (unknown === undefined) return undefined;
  const advice = MISPLACED[unknown] ?? (didYouMean(unknown, known).slice(2) || "remove it");
  return `found the unknown member '${unknown}' in the definition; ${advice}`;
}

function wrongMember(members: Record<string, unknown>): string | undefined {
  const wrong = MEMBERS.find(([member, , fits]) => !fits(members[member]));
  if (!wrong) return undefined;
  const [member, expected] = wrong;
  const found = nameKind(members[member]);
  return `expected '${member}' to be ${expected}, found ${found}; correct the definition`;
}

/** Whether an export is a class, which is no function that returns a driver. */
export function isClass(value: (...args: never[]) => unknown): boolean {
  return /^class\b/.test(Function.prototype.toString.call(value));
}

/** The text of the problem of such an export. */
export function classFound(name: string): string {
  const declared = name === "default" ? "export default" : `export const ${name} =`;
  return `expected ${declared} ({ defineDriver }) => defineDriver({…}), found a class`;
}

function isDotted(value: unknown): boolean {
  return typeof value === "string" && /^[^\s/.]+(\.[^\s/.]+)+$/.test(value);
}

function isFunction(value: unknown): boolean {
  return typeof value === "function";
}

function isSchema(value: unknown): boolean {
  return typeof (value as { safeParseAsync?: unknown } | undefined)?.safeParseAsync === "function";
}

function isLine(value: unknown): boolean {
  return typeof value === "string" && /^.{1,200}$/.test(value);
}

function isMethodTexts(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const tables = Object.entries(value);
  return tables.every(([kind, table]) =>
    ["calls", "streams", "bytes"].includes(kind) && typeof table === "object" && table !== null &&
    Object.values(table).every((text) => typeof text === "string")
  );
}

function nameKind(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null || typeof value === "boolean" || typeof value === "number") return `${value}`;
  if (typeof value === "string") return JSON.stringify(value);
  return typeof value === "function" ? "a function" : "an object";
}
