/** What the catalog tells of drivers, wherever they come from. @module */
import type { JsonSchema } from "../driver/json_schema.ts";
import type { MethodTexts } from "../driver/manifest.ts";

/** Where a driver comes from. */
export type Origin = "native" | "custom" | "python";

/** A driver in a list. */
export interface ListedDriver {
  /** What configs write under `type:`. */
  readonly type: string;
  /** The class that official clients import; missing if only its code can tell. */
  readonly client?: string;
  readonly origin: Origin;
  /** `built in`, the file of a custom driver, or the package of a Python one. */
  readonly from: string;
  /** What it is, in one line. */
  readonly summary?: string;
}

/** A driver with its config and its methods. */
export interface DescribedDriver extends ListedDriver {
  /** The keys below `config:`; missing if they are not known. */
  readonly keys?: readonly ConfigKey[];
  /** What its methods do; missing if they are not known. */
  readonly methods?: MethodTexts;
  /** The labels that it adds to its report, for the config of the sample. */
  readonly labels?: Readonly<Record<string, string>>;
  /** The drivers below it. */
  readonly children: string;
  /** An `export:` block with such a driver. */
  readonly sample: string;
}

/** A key below `config:`. */
export interface ConfigKey {
  readonly name: string;
  /** What it may hold: `string`, `on | off | keep`, `integer or null`. */
  readonly type: string;
  readonly required: boolean;
  /** What it is if the config leaves it out; missing if that is not known, or nothing. */
  readonly default?: unknown;
  readonly meaning?: string;
  /** A value to show. */
  readonly example?: unknown;
}

/** A place that drivers come from. */
export interface DriverPlace {
  /** Lists its drivers. Reports what it cannot read, and never throws. */
  list(): Promise<ListedDriver[]>;
  /** Describes a driver that it lists; undefined if it has none of this type. */
  describe(type: string): Promise<DescribedDriver | undefined>;
}

/** Takes a sentence about something that cannot be read. */
export type Report = (problem: string) => void;

/** The keys of a config's schema; undefined if it is not that of a map. */
export function configKeys(schema: JsonSchema): ConfigKey[] | undefined {
  if (schema.properties === undefined) return undefined;
  return Object.entries(schema.properties).map(([name, key]) => ({
    name,
    type: typeText(key),
    required: schema.required?.includes(name) ?? false,
    ...("default" in key && { default: key.default }),
    ...(key.description !== undefined && { meaning: key.description }),
    ...exampleOf(key),
  }));
}

/** `string`, `integer or null`, `on | off`. */
function typeText(
  { type, enum: choices, anyOf, items, additionalProperties, ...rest }: JsonSchema,
): string {
  if (choices) return choices.map(String).join(" | ");
  if ("const" in rest) return String(rest.const);
  if (anyOf) return [...new Set(anyOf.map(typeText))].join(" or ");
  if (Array.isArray(type)) return type.join(" or ");
  if (type === "array") return items?.type ? `list of ${typeText(items)}` : "list";
  if (type === "object") {
    const values = typeof additionalProperties === "object"
      ? typeText(additionalProperties)
      : "any";
    return values === "any" ? "map" : `map of ${values}`;
  }
  return typeof type === "string" ? type : "any";
}

function exampleOf({ examples, enum: choices }: JsonSchema): { readonly example?: unknown } {
  const [example] = examples ?? choices ?? [];
  return example === undefined ? {} : { example };
}
