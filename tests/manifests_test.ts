/** What the manifests of the built-in drivers tell readers, held to what the drivers do. */
import assert from "node:assert/strict";
import { manifests } from "../drivers/mod.ts";
import { type JsonSchema, jsonSchema } from "../src/driver/json_schema.ts";
import type { DriverManifest, Methods, MethodTexts } from "../src/driver/mod.ts";

/** Longest summary, in characters, so that a list of drivers has one line for each. */
const SUMMARY = 80;

/** The keys of a driver's config. */
function keysOf({ config }: DriverManifest): [string, JsonSchema][] {
  return Object.entries(jsonSchema(config).properties ?? {});
}

/** The config of the examples that the manifest gives. */
function shown(manifest: DriverManifest): Record<string, unknown> {
  const examples = keysOf(manifest).map(([name, { examples, enum: choices }]) => {
    return [name, examples?.[0] ?? choices?.[0]];
  });
  return Object.fromEntries(examples.filter(([, value]) => value !== undefined));
}

Deno.test("every driver has a summary of one line", () => {
  for (const { type, summary = "" } of manifests) {
    assert.match(summary, /^[a-z][^\n]*[^.\s]$/, type);
    assert.ok(summary.length <= SUMMARY, `${type}: ${summary.length} characters`);
  }
});

Deno.test("every key of a config has a meaning, and examples that the schema accepts", async () => {
  for (const manifest of manifests) {
    for (const [name, { description = "" }] of keysOf(manifest)) {
      assert.match(description, /^\S[^\n]*[^.\s]$/, `${manifest.type}: ${name}`);
    }
    await manifest.config.parseAsync(shown(manifest));
  }
});

/** A config that opens the driver without a device, and changes nothing if there is one. */
function harmless(manifest: DriverManifest): Record<string, unknown> {
  const config = shown(manifest);
  return "default" in config ? { ...config, default: "keep" } : config;
}

/** The tables of methods that `open` returns. */
async function opened(manifest: DriverManifest, scope: AsyncDisposableStack): Promise<Methods> {
  const ignore = () => {};
  const { open } = await manifest.load();
  return await open({
    config: await manifest.config.parseAsync(harmless(manifest)),
    path: "driver",
    log: { debug: ignore, info: ignore, warning: ignore, error: ignore },
    scope,
    signal: new AbortController().signal,
    children: new Map(),
  }) as Methods;
}

/** The number of arguments by the name of each method, as `open` declares them. */
function arities(table: Methods[keyof Omit<Methods, "parts">]): Record<string, number> {
  return Object.fromEntries(
    Object.entries(table ?? {}).map(([name, method]) => [
      name,
      typeof method === "function" ? 0 : method.parameters.length,
    ]),
  );
}

/** The same, as the texts tell it. */
function told(table: MethodTexts[keyof MethodTexts]): Record<string, number> {
  return Object.fromEntries(
    Object.keys(table ?? {}).map((signature) => {
      const [, name, args] = /^(\w+)\((.*)\)$/.exec(signature)!;
      return [name, args === "" ? 0 : args!.split(", ").length];
    }),
  );
}

for (const manifest of manifests) {
  Deno.test(`the manifest of ${manifest.type} names the methods that open() returns`, async () => {
    await using scope = new AsyncDisposableStack();
    const methods = await opened(manifest, scope);
    assert.ok(manifest.methods);
    for (const kind of ["calls", "streams", "bytes"] as const) {
      assert.deepEqual(told(manifest.methods[kind]), arities(methods[kind]), kind);
    }
  });
}
