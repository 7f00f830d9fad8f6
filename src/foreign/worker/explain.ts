/** Describes errors in a driver file in one line, with their position. @module */
import { pathToFileURL } from "node:url";
import { DriverError } from "../../driver/mod.ts";
import { foreignModule, foreignReason } from "./foreign_module.ts";
import type { Failure } from "./protocol.ts";

/** The error for a file that cannot be imported: it does not parse, or its top level throws. */
export function loadError(path: string, error: Error): DriverError {
  // The runtime wraps the errors of the import guard.
  const refused = /\bDriverError: (Cannot import '.*)/.exec(stripColors(error.message))?.[1];
  if (refused) return new DriverError(`Cannot load the driver file ${path}: ${refused}`);
  const module = foreignModule(readText(path), positionIn(error, path));
  if (module !== undefined) {
    const reason = `Cannot import '${module}': ${foreignReason(module)}`;
    return new DriverError(`Cannot load the driver file ${path}: ${reason}`);
  }
  const { code } = error as { code?: unknown };
  const parses = code !== "ERR_MODULE_NOT_FOUND" && error.name !== "SyntaxError";
  const expected = parses ? "its top level to run" : "JavaScript or TypeScript that can be loaded";
  return new DriverError(
    `Cannot load the driver file ${path}: expected ${expected}, found ` +
      `${describe(error, path)}; correct the file`,
  );
}

/** One line with the name of an error, its message, and its position in the file. */
function describe(error: Error | Failure, path: string): string {
  const { text, place } = explain(error, path);
  return place ? `${text} at ${place}` : text;
}

/** The message for an error that the file does not catch. */
export function unhandled(error: Error | Failure, path: string): string {
  const { text, place } = explain(error, path);
  return `unhandled error ${place ? `at ${place}` : `in ${path}`}: ${text} (is an await missing?)`;
}

/** The name and message of an error, and its position in the file if that is known. */
function explain(
  { name, message, stack = "" }: Error | Failure,
  path: string,
): { readonly text: string; readonly place?: string } {
  const plain = stripColors(message);
  const [line = ""] = plain.split("\n");
  const said = /^\w*Error: /.test(line) ? line : `${name}: ${line}`;
  const position = positionIn({ message, stack }, path);
  if (position === undefined) return { text: said };
  const url = pathToFileURL(path).href;
  return { text: said.replace(` at ${url}${position}`, ""), place: `${path}${position}` };
}

/** `:3:8`, the position in the file that an error tells. */
function positionIn(
  { message, stack = "" }: Pick<Failure, "message" | "stack">,
  path: string,
): string | undefined {
  const url = pathToFileURL(path).href;
  const trace = stripColors(`${message}\n${stack}`);
  const at = trace.indexOf(`${url}:`);
  return at < 0 ? undefined : /^:\d+:\d+/.exec(trace.slice(at + url.length))?.[0];
}

function readText(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    // The file may be gone by now.
    return "";
  }
}

function stripColors(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replace(/\x1b\[[\d;]*m/g, "");
}
