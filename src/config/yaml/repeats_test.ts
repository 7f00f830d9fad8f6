import assert from "node:assert/strict";
import type { Diagnostic } from "./diagnostics.ts";
import { formatOnce, lineOf } from "./repeats.ts";

function warning(line: number, message: string): Diagnostic {
  const rest = { severity: "warning", scope: "entry", file: "f.yaml", column: 1 } as const;
  return { ...rest, line, path: "export.a", message };
}

const LOOKED = `(/opt/python: no such folder; /usr/bin/python3 (of PATH): ${"x".repeat(60)})`;

Deno.test("formatOnce() says a long detail once, and then where", () => {
  const found = [3, 7, 9].map((line) => warning(line, `found none ${LOOKED}; run: b (or: c)`));
  assert.deepEqual(formatOnce(found), [
    `f.yaml:3:1: warning: export.a: found none ${LOOKED}; run: b (or: c)`,
    "f.yaml:7:1: warning: export.a: found none (see line 3); run: b (or: c)",
    "f.yaml:9:1: warning: export.a: found none (see line 3); run: b (or: c)",
  ]);
});

Deno.test("lineOf() finds what is said of a driver", () => {
  const found = [warning(3, "expected b; the exporter starts"), warning(7, "expected c")];
  assert.equal(lineOf("expected b", found), 3);
  assert.equal(lineOf("its config has an error in line 7: export.a: expected c", found), 7);
  assert.equal(lineOf("Cannot open b", found), undefined);
});
