/**
 * WebAssembly modules that are imported by `import source x from "….wasm"`. The bundler does not
 * support this kind of import yet, but it can bundle their bytes.
 *
 * @module
 */
import { shipped } from "./sources.ts";

const SOURCE_IMPORT = /^import source (\w+) from ("[^"]+\.wasm");$/gm;

/** Rewrites each source phase import to compile its module from bytes in the bundle. */
export async function inlineModules(sources: string): Promise<void> {
  for await (const path of shipped(sources)) {
    const text = await Deno.readTextFile(`${sources}/${path}`);
    const inlined = text.replace(
      SOURCE_IMPORT,
      (_, name, file) =>
        `import ${name}Bytes from ${file} with { type: "bytes" };\n` +
        `const ${name} = new WebAssembly.Module(${name}Bytes);`,
    );
    if (inlined !== text) await Deno.writeTextFile(`${sources}/${path}`, inlined);
  }
}
