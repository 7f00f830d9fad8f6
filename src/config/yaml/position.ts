/** Positions and paths in a YAML text. @module */

/** Keys and indexes from the root of a YAML document. */
export type YamlPath = readonly (string | number)[];

/** A position in a file; both count from 1, columns in UTF-16 code units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** `export.shell.config.args[0]`; empty for the whole document. */
export function pathText(path: YamlPath): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    return text ? `${text}.${part || '""'}` : part;
  }, "");
}
