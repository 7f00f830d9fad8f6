/** In the worker: restricts what a driver file may import. @module */
import { isBuiltin, registerHooks } from "node:module";
import { fileURLToPath } from "node:url";
import { trustedFile } from "../../files/trusted_file.ts";
import { DriverError, messageOf } from "../../driver/mod.ts";
import { foreignReason, isForeign } from "./foreign_module.ts";

/** The URLs that were checked. */
const seen = new Set<string>();
let guarded = false;

/**
 * Restricts every later import and require in this thread to the runtime's own modules, and to
 * files that only root and the exporter's user can change. This includes the files in
 * `node_modules` folders.
 */
export function guardImports(): void {
  if (guarded) return;
  guarded = true;
  registerHooks({
    resolve(specifier, context, next) {
      // Checked before the runtime resolves it, which may already load it.
      if (isForeign(specifier)) throw foreign(specifier, context.parentURL);
      const resolved = next(specifier, context);
      check(specifier, resolved.url, context.parentURL);
      seen.add(resolved.url);
      return resolved;
    },
  });
}

/** Whether `url` was imported after the guard began: a file of the driver. */
export function isGuarded(url: string): boolean {
  return seen.has(url);
}

/** @throws {DriverError} if the runtime imported `url` without calling the guard. */
export function requireGuarded(url: string): void {
  if (isGuarded(url)) return;
  throw new DriverError(
    "Cannot load the driver file: this runtime does not support the check of its imports",
  );
}

function check(specifier: string, url: string, parent: string | undefined): void {
  if (isBuiltin(url) || /^(node|data|blob):/.test(url)) return;
  if (!url.startsWith("file:")) throw foreign(specifier, parent);
  try {
    trustedFile(fileURLToPath(url));
  } catch (error) {
    // The import itself reports the missing file.
    if (error instanceof Deno.errors.NotFound) return;
    throw refusal(specifier, parent, messageOf(error));
  }
}

function foreign(specifier: string, parent: string | undefined): DriverError {
  return refusal(specifier, parent, foreignReason(specifier));
}

function refusal(specifier: string, parent: string | undefined, why: string): DriverError {
  const from = parent?.startsWith("file:") ? ` into ${fileURLToPath(parent)}` : "";
  return new DriverError(`Cannot import '${specifier}'${from}: ${why}`);
}
