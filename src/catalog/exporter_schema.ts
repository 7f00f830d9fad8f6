/** The JSON Schema of a whole ExporterConfig, with which editors check and complete it. @module */
import { manifests } from "../../drivers/mod.ts";
import { baseKeys } from "../config/schema/driver_config.ts";
import { fields } from "../config/schema/fields.ts";
import { type JsonSchema, jsonSchema } from "../driver/json_schema.ts";
import type { DriverManifest } from "../driver/manifest.ts";
import { shortType } from "./names.ts";
import { closed, tolerant } from "./schema_forms.ts";

/** The keys of an entry of any type. */
const ENTRY: Readonly<Record<string, JsonSchema>> = {
  type: {
    description: "the driver",
    anyOf: [
      ...manifests.map(({ type, summary = "" }) => ({ const: type, description: summary })),
      { const: "exec", description: "a program that serves a driver" },
      {
        type: "string",
        pattern: String.raw`^[^\s/]+(\.[^\s/]+)+$|/|\.(ts|js|mjs)(#\w+)?$`,
        description: "a custom driver, by its type or file, or the class of a Python driver",
      },
    ],
  },
  config: { type: ["object", "null"], description: "the settings of the driver" },
  children: { $ref: "#/$defs/entries", description: "the drivers below this one, by name" },
  python: {
    description:
      "whether the Python driver of this type is hosted, also if there is a built-in one",
    anyOf: [
      { type: "boolean" },
      {
        type: "object",
        properties: {
          own: { type: "boolean", description: "whether the driver gets a process of its own" },
          memory: {
            type: ["string", "integer"],
            description: "most memory of that process, such as 512M",
          },
          cpu: {
            type: ["string", "number"],
            description: "most time of that process, in percent of one processor, such as 50%",
          },
        },
        additionalProperties: false,
      },
    ],
  },
  description: { type: ["string", "null"], description: "text about the driver, for clients" },
  methods_description: {
    type: "object",
    additionalProperties: { type: "string" },
    description: "texts about its methods, for clients",
  },
  ref: {
    type: "string",
    minLength: 1,
    description: "another driver, by its path from the root: this entry is a second name for it",
  },
};

/** The rule for an entry whose driver is a program. */
const PROGRAM: JsonSchema = {
  if: { properties: { type: { const: "exec" } }, required: ["type"] },
  then: {
    properties: {
      command: {
        description: "the program and its arguments; no shell reads them",
        anyOf: [{ type: "string" }, { type: "array", minItems: 1 }],
      },
      env: { type: "object", description: "variables that are added to its environment" },
      cwd: { type: "string", description: "its working folder; by default that of this file" },
      keep: { type: "boolean", description: "whether one process serves all leases" },
      startTimeout: { type: "number", description: "seconds until it must answer" },
    },
  },
};

/** The rule for a group, or a second name of a driver. */
const REFERENCE: JsonSchema = {
  if: { not: { required: ["type"] } },
  then: { propertyNames: { enum: Object.keys(ENTRY) } },
};

/** The schema of the config, draft 2020-12. */
export function exporterSchema(): JsonSchema {
  const { properties, ...top } = closed(tolerant(jsonSchema(fields)));
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "ExporterConfig",
    description: "The config of a Jumpstarter exporter",
    ...top,
    properties: {
      ...properties,
      export: { $ref: "#/$defs/entries", description: "the drivers of the exporter, by name" },
    },
    $defs: {
      entries: { type: ["object", "null"], additionalProperties: { $ref: "#/$defs/entry" } },
      entry: {
        type: "object",
        properties: ENTRY,
        anyOf: ["type", "children", "ref"].map((key) => ({ required: [key] })),
        allOf: [...manifests.map(builtIn), PROGRAM, REFERENCE],
      },
      ...Object.fromEntries(manifests.map((manifest) => [name(manifest), configOf(manifest)])),
    },
  };
}

/** The rule for an entry with this type: its config, and no keys that only other types have. */
function builtIn(manifest: DriverManifest): JsonSchema {
  const config = { $ref: `#/$defs/${name(manifest)}` };
  const required = configOf(manifest).required !== undefined;
  return {
    if: { properties: { type: { const: manifest.type } }, required: ["type"] },
    then: {
      properties: { config },
      propertyNames: { enum: entryKeys(manifest) },
      ...(required && { required: ["config"] }),
    },
  };
}

function entryKeys({ children = false }: DriverManifest): string[] {
  return Object.keys(ENTRY).filter((key) => {
    return key !== "ref" && (children || key !== "children");
  });
}

function configOf(manifest: DriverManifest): JsonSchema {
  const own = closed(tolerant(jsonSchema(manifest.config)));
  const base = tolerant(jsonSchema(baseKeys));
  const type = own.required ? "object" : ["object", "null"];
  const description = manifest.summary ?? manifest.type;
  return { description, ...own, type, properties: { ...base.properties, ...own.properties } };
}

function name({ type }: DriverManifest): string {
  return shortType(type);
}
