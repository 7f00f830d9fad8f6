/** Counts of test cases, from the reports of the test runner. @module */

/** How many test cases ended in which way. */
export interface Results {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export const NONE: Results = { passed: 0, failed: 0, skipped: 0 };

/** The results in a JUnit report; undefined where it is no whole report. */
export function resultsOf(junit: string): Results | undefined {
  const head = /<testsuites[^>]*>/.exec(junit)?.[0];
  if (head === undefined) return undefined;
  const attribute = (name: string) => Number(new RegExp(` ${name}="(\\d+)"`).exec(head)?.[1] ?? 0);
  const failed = attribute("failures") + attribute("errors");
  const skipped = junit.match(/<skipped/g)?.length ?? 0;
  return { passed: attribute("tests") - failed - skipped, failed, skipped };
}

/** Both together. */
export function sum(one: Results, other: Results): Results {
  return {
    passed: one.passed + other.passed,
    failed: one.failed + other.failed,
    skipped: one.skipped + other.skipped,
  };
}

/** `12 passed, 0 failed`, and what was skipped. */
export function textOf({ passed, failed, skipped }: Results): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}
