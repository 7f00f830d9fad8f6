/** Modules that a driver file may not import, and what its author can do instead. @module */

const PACKAGE = "an exporter downloads no packages; bundle the driver and the package into one " +
  "file, for instance with esbuild, or copy the module beside the driver and import that file";
const URL = "an exporter loads no code from the network; copy the module beside the driver and " +
  "import that file";
const ZOD = "the SDK has this module: take z from the argument of the exported function";

/** Whether a specifier is loaded from the network or from a cache. */
export function isForeign(specifier: string): boolean {
  return /^(npm|jsr|https?):/i.test(specifier);
}

/** What was expected instead of a package or a URL, and the advice. */
export function foreignReason(specifier: string): string {
  const isZod = /^(?:npm:\/?|https?:.*\/)?zod(?=@|\/|$)/i.test(specifier);
  const advice = isZod ? ZOD : /^https?:/i.test(specifier) ? URL : PACKAGE;
  return `expected a file or a module of the runtime (node:…); ${advice}`;
}

/** A specifier of the network in an import, static or dynamic. */
const IMPORT = /\b(?:from|import)\s*\(?\s*(["'])((?:npm|jsr|https?):[^"'\n]+)\1/gi;

/**
 * The module that kept a file from being loaded, if it is one that no driver may import.
 *
 * @param position `:3:8`, where the runtime found the problem; it does not always tell.
 */
export function foreignModule(text: string, position: string | undefined): string | undefined {
  const [, line, column] = /^:(\d+):(\d+)$/.exec(position ?? "") ?? [];
  const rest = text.split("\n")[Number(line) - 1]?.slice(Number(column) - 1) ?? "";
  const [, , named = ""] = /^(["'])([^"']+)\1/.exec(rest) ?? [];
  if (isForeign(named) || /^[@\w][^:]*$/.test(named)) return named;
  return position === undefined ? [...text.matchAll(IMPORT)][0]?.[2] : undefined;
}
