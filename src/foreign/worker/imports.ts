/** Inside the worker: what a driver file may import. @module */
import { isBuiltin, registerHooks } from "node:module";
import { fileURLToPath } from "node:url";
import { trustedFile } from "../../files/trusted_file.ts";
import { DriverError, messageOf } from "../../driver/mod.ts";

/** The URLs that were looked at. */
const seen = new Set<string>();
let guarded = false;

/** What is loaded from the network or out of a cache. */
const FOREIGN = /^(npm|jsr|https?):/i;

/**
 * From now on nothing is imported or required here, however it is written and by whichever
 * module, but the runtime's own modules, and files that nobody but root and the exporter's user
 * can change. So a `node_modules` folder is used only where that is true of it as well.
 */
export function guardImports(): void {
  if (guarded) return;
  guarded = true;
  registerHooks({
    resolve(specifier, context, next) {
      // Before the runtime resolves it, which may mean to load it from somewhere.
      if (FOREIGN.test(specifier)) throw foreign(specifier, context.parentURL);
      const resolved = next(specifier, context);
      check(specifier, resolved.url, context.parentURL);
      seen.add(resolved.url);
      return resolved;
    },
  });
}

/** @throws {DriverError} where the runtime has not asked before it imported `url`. */
export function requireGuarded(url: string): void {
  if (seen.has(url)) return;
  throw new DriverError(
    "Cannot load the driver file: this runtime does not let its imports be looked at",
  );
}

function check(specifier: string, url: string, parent: string | undefined): void {
  if (isBuiltin(url) || /^(node|data|blob):/.test(url)) return;
  if (!url.startsWith("file:")) throw foreign(specifier, parent);
  try {
    trustedFile(fileURLToPath(url));
  } catch (error) {
    // The import itself says best what is missing.
    if (error instanceof Deno.errors.NotFound) return;
    throw refusal(specifier, parent, messageOf(error));
  }
}

function foreign(specifier: string, parent: string | undefined): DriverError {
  return refusal(specifier, parent, "expected a file or a module of the runtime (node:…)");
}

function refusal(specifier: string, parent: string | undefined, why: string): DriverError {
  const from = parent?.startsWith("file:") ? ` into ${fileURLToPath(parent)}` : "";
  return new DriverError(`Cannot import '${specifier}'${from}: ${why}`);
}
