/** License expressions, by SPDX 2.3, annex D. @module */

/** The identifiers that occur here; review a new one before adding it. */
const KNOWN: readonly string[] = [
  "0BSD",
  "Apache-2.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "bzip2-1.0.6",
  "ISC",
  "LGPL-3.0",
  "LGPL-3.0-only",
  "LGPL-3.0-or-later",
  "MIT",
  "Unicode-3.0",
];

/** Checks that an expression is identifiers joined by AND and OR. @throws {Error} with `of` */
export function checkExpression(expression: string, of: string): void {
  const [first, ...rest] = expression.split(/ (?:AND|OR) /);
  const unknown = [first!, ...rest].filter((id) => !KNOWN.includes(id));
  if (unknown.length === 0) return;
  throw new Error(
    `Cannot list ${of}: expected a license expression of ${KNOWN.join(", ")}, found ` +
      `'${expression}'; look whether we may use it, and add it to scripts/build/spdx_license.ts`,
  );
}

/** Joins expressions that all apply. */
export function allOf(expressions: readonly string[]): string {
  const single = [...new Set(expressions.flatMap((text) => text.split(" AND ")))].sort();
  return single.map((text) => text.includes(" OR ") ? `(${text})` : text).join(" AND ");
}
