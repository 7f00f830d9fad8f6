/** Files of other programs that are given as an exporter config. @module */
import { isMap, type YamlMap } from "../yaml/map.ts";
import { TEXTS } from "./foreign_texts.ts";

/** What a file is, and what to do: `a ClientConfig …; …`. */
type Foreign = string;

const OWN = "give the exporter's config, with the keys apiVersion, kind, metadata and export";
const CREATE = "the exporter's config is written by: jmp admin create exporter NAME --save";
const WRAPPED = "give the exporter's config itself, not the resource that holds or describes it";

/** Kinds of official and Kubernetes resources. */
const KINDS: Readonly<Record<string, Foreign>> = {
  ClientConfig: `the config of a client (kind ClientConfig), which jmp shell reads; ${CREATE}`,
  UserConfig: `the settings of a user (kind UserConfig), which clients read; ${CREATE}`,
  Exporter: `the Kubernetes resource of an exporter (kind Exporter); ${CREATE}`,
  Client: `the Kubernetes resource of a client (kind Client); ${CREATE}`,
  Lease: `a lease (kind Lease), which clients ask for; ${OWN}`,
  ExporterAccessPolicy: `a resource of the controller (kind ExporterAccessPolicy); ${OWN}`,
  Jumpstarter: `a resource of the operator (kind Jumpstarter); ${OWN}`,
  ExporterConfigList: `a list of configs (kind ExporterConfigList); write each one to a file`,
  Secret: "a Kubernetes Secret, which holds a token or a config in base64; decode its value " +
    "(base64 -d), and give the exporter's config",
  ConfigMap: `a Kubernetes ConfigMap; ${WRAPPED}`,
  Config: `a kubeconfig, which kubectl reads; ${OWN}`,
};

interface Shape {
  readonly what: Foreign;
  readonly matches: (value: YamlMap) => boolean;
}

const has = (...keys: string[]) => (value: YamlMap) => keys.every((key) => key in value);

/** Files that have no kind, told by their keys. */
const SHAPES: readonly Shape[] = [
  { what: `a Docker Compose file; ${OWN}`, matches: (value) => isMap(value.services) },
  { what: `an environment of labgrid (targets); ${OWN}`, matches: (value) => isMap(value.targets) },
  { what: `a config of ser2net (connection); ${OWN}`, matches: has("connection") },
  { what: `a job of LAVA; ${OWN}`, matches: has("device_type") },
  { what: `an npm package (package.json); ${OWN}`, matches: has("name", "version") },
  { what: `a config of labgrid's exporter (resource groups); ${OWN}`, matches: areResources },
];

/** Keys of resource groups, as labgrid-exporter reads them. */
function areResources(value: YamlMap): boolean {
  const groups = Object.values(value);
  return groups.length > 0 &&
    groups.every((group) =>
      isMap(group) && Object.keys(group).some((key) => /^(?:location|[A-Z][A-Za-z0-9]+)$/.test(key))
    );
}

/**
 * What the file with this value is instead of an exporter config, or undefined. A file is an
 * exporter config if its kind says so, or if it has no kind but keys of one.
 *
 * @param known the keys of a config.
 * @param text that the value was parsed from.
 */
export function foreignValue(
  value: YamlMap,
  known: readonly string[],
  text: string,
): Foreign | undefined {
  const { kind } = value;
  if (kind === "ExporterConfig") return undefined;
  if (typeof kind === "string" && !("export" in value)) return KINDS[kind] ?? resource(value, kind);
  const keys = Object.keys(value);
  if (keys.length === 0 || keys.some((key) => known.includes(key))) return undefined;
  return SHAPES.find(({ matches }) => matches(value))?.what ?? foreignText(text) ??
    unknownMap(value);
}

/** A map without any key of a config, unless its keys are drivers or misspelt. */
function unknownMap(value: YamlMap): Foreign | undefined {
  const keys = Object.keys(value);
  if (typeof value.type === "string" || isMap(value.children)) {
    return "the entry of a driver or of a group of drivers; put it below a name, and that below 'export:'";
  }
  if (Object.values(value).some((inner) => isMap(inner) && ("type" in inner || "ref" in inner))) {
    return "drivers without 'export:' above them; write 'export:' above and indent them below it";
  }
  const shown = keys.slice(0, 3).map((key) => `'${key.slice(0, 40)}'`);
  if (keys.length > shown.length) shown.push("…");
  return `only keys of something else (${shown.join(", ")}); ${OWN}`;
}

/** A Kubernetes resource has a `spec`, or an API of another group. */
function resource({ apiVersion, spec }: YamlMap, kind: string): Foreign | undefined {
  const isOther = typeof apiVersion === "string" && !apiVersion.startsWith("jumpstarter.dev/");
  if (!isOther && spec === undefined) return undefined;
  return `a Kubernetes resource of the kind ${kind}; ${WRAPPED}`;
}

/** What a text that is no map or no YAML is, told by how it begins; undefined if it is not known. */
export function foreignText(text: string): Foreign | undefined {
  const found = TEXTS.find(({ pattern }) => pattern.test(text));
  return found && `${found.what}; ${found.advice ?? OWN}`;
}
