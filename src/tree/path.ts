/** The paths of drivers: names from the root, joined by dots. @module */

/** The path of the driver `name` below `parent`, which is empty for the root. */
export function pathBelow(parent: string, name: string): string {
  return parent ? `${parent}.${name}` : name;
}

/** Whether `path` is that of `owner`, or below it. */
export function isWithin(path: string, owner: string): boolean {
  return path === owner || path.startsWith(`${owner}.`);
}
