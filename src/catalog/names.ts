/** Short names of drivers, and the types that they stand for. @module */
import { didYouMean } from "../text/nearest.ts";

/** A type that a name stands for, or why it stands for none: for several, or for nothing. */
export type Resolved =
  | { readonly kind: "found"; readonly type: string }
  | { readonly kind: "ambiguous" | "unknown"; readonly problem: string };

/** The prefix of official packages, which short names leave out. */
const PREFIX = "jumpstarter_driver_";

/** Most types that a message about an ambiguous name lists. */
const MAX_LISTED = 8;

/** `jumpstarter_driver_power.driver.MockPower` → `power.MockPower` */
export function shortType(type: string): string {
  return type.startsWith(PREFIX) ? type.slice(PREFIX.length).replace(".driver.", ".") : type;
}

/** A name for an entry with this driver: `jumpstarter_driver_power.driver.MockPower` → `mockpower` */
export function entryName(type: string): string {
  const name = /([A-Za-z_]\w*)(?:\.(?:ts|js|mjs))?$/.exec(type)?.[1] ?? "driver";
  return name.toLowerCase();
}

/**
 * Finds the type that a name stands for: the type itself, or its end, such as `power.MockPower`,
 * `driver.MockPower` or `MockPower`, in any case if that is unambiguous.
 */
export function resolveType(name: string, types: readonly string[]): Resolved {
  if (types.includes(name)) return { kind: "found", type: name };
  const exact = matches(name, types);
  const found = exact.length > 0 ? exact : matches(name.toLowerCase(), types, fold);
  if (found.length === 1) return { kind: "found", type: found[0]! };
  if (found.length === 0) {
    return { kind: "unknown", problem: `found no driver '${name}'${suggestion(name, types)}` };
  }
  const listed = found.slice(0, MAX_LISTED).join(", ") + (found.length > MAX_LISTED ? ", …" : "");
  return { kind: "ambiguous", problem: `'${name}' is ambiguous: ${listed}` };
}

function matches(
  name: string,
  types: readonly string[],
  form: (type: string) => string = (type) => type,
): string[] {
  return types.filter((type) => {
    return [type, shortType(type)].map(form).some((each) => `.${each}`.endsWith(`.${name}`));
  });
}

function fold(type: string): string {
  return type.toLowerCase();
}

function suggestion(name: string, types: readonly string[]): string {
  const last = (type: string) => type.slice(type.lastIndexOf(".") + 1);
  const near = didYouMean(last(name), types.map(last)) || didYouMean(name, types.map(shortType));
  return near || "; 'jmp driver list' shows what there is";
}
