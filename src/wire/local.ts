/**
 * The socket on which a running exporter serves processes of its host.
 *
 * The client sends one line of JSON, and the exporter answers with one. After the answer to
 * `session`, the connection carries a session, by HTTP/2; after any other it ends.
 *
 * | request                                   | answer                                                |
 * | ----------------------------------------- | ----------------------------------------------------- |
 * | `{"jmp":1,"do":"session","force":false}`  | `{"ok":true,"namespace":…,"name":…,"file":…}`          |
 * | `{"jmp":1,"do":"identify"}`               | the same                                              |
 * | one that is refused or unknown             | `{"error":"one sentence","code":9}`, a code of gRPC   |
 *
 * @module
 */
import { Code } from "./code.ts";

/** Longest line of each side, in bytes. */
export const MAX_LINE = 8 * 1024;

/** A request of a client. */
export type LocalRequest =
  /** The drivers; with `force` also during a client's lease. */
  | { readonly do: "session"; readonly force: boolean }
  /** Which exporter this is. */
  | { readonly do: "identify" };

/** The exporter that answers. */
export interface LocalIdentity {
  readonly namespace: string;
  readonly name: string;
  /** The absolute path of its config. */
  readonly file: string;
}

/** Why a request is refused. */
export interface LocalRefusal {
  readonly error: string;
  readonly code: Code;
}

/** Formats a request as a line. */
export function formatRequest(request: LocalRequest): string {
  return `${JSON.stringify({ jmp: 1, ...request })}\n`;
}

/** Parses a request; undefined if this version does not know it. */
export function parseRequest(line: string): LocalRequest | undefined {
  const found = parseObject(line);
  if (found?.["jmp"] !== 1) return undefined;
  if (found["do"] === "identify") return { do: "identify" };
  if (found["do"] === "session") return { do: "session", force: found["force"] === true };
  return undefined;
}

/** Formats an answer as a line. */
export function formatAnswer(answer: LocalIdentity | LocalRefusal): string {
  return `${JSON.stringify("error" in answer ? answer : { ok: true, ...answer })}\n`;
}

/** Parses an answer; undefined if the line is not one. */
export function parseAnswer(line: string): LocalIdentity | LocalRefusal | undefined {
  const found = parseObject(line);
  if (typeof found?.["error"] === "string") {
    const { error, code } = found;
    return { error, code: Object.values(Code).find((each) => each === code) ?? Code.UNKNOWN };
  }
  const { ok, namespace, name, file } = found ?? {};
  const texts = [namespace, name, file];
  if (ok !== true || !texts.every((text) => typeof text === "string")) return undefined;
  return { namespace, name, file } as LocalIdentity;
}

const SUFFIX = ".sock";

/** The name of an exporter's socket in its runtime folder. */
export function socketName({ namespace, name }: Omit<LocalIdentity, "file">): string {
  return `${encodeURIComponent(namespace)}.${encodeURIComponent(name)}${SUFFIX}`;
}

/** Parses the name of a socket; undefined if the file is not the socket of an exporter. */
export function parseSocketName(file: string): Omit<LocalIdentity, "file"> | undefined {
  if (!file.endsWith(SUFFIX)) return undefined;
  const stem = file.slice(0, -SUFFIX.length);
  // Namespaces have no dots, as they are DNS labels; names may have some.
  const dot = stem.indexOf(".");
  if (dot < 0) return undefined;
  try {
    const [namespace, name] = [stem.slice(0, dot), stem.slice(dot + 1)].map(decodeURIComponent);
    return { namespace: namespace!, name: name! };
  } catch {
    return undefined;
  }
}

function parseObject(line: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(line);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
