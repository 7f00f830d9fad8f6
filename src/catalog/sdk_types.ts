/** The types of custom drivers, as a file for their authors. @module */
import project from "../../deno.json" with { type: "json" };
import declarations from "../driver/sdk.d.ts" with { type: "text" };

/** The declarations; they name zod by its package, because authors have no import map. */
export function sdkTypes(): string {
  return declarations.replace('from "zod"', `from "${project.imports.zod}"`);
}
