import assert from "node:assert/strict";
import { parseUrl } from "./url.ts";

Deno.test("parseUrl() reads names of hosts in other scripts as Python does", () => {
  assert.deepEqual(parseUrl("socket://m\u00fcnchen.lab:4000"), {
    kind: "socket",
    host: "xn--mnchen-3ya.lab",
    port: 4000,
  });
  assert.deepEqual(parseUrl("socket://[::1]:4000"), { kind: "socket", host: "::1", port: 4000 });
  assert.deepEqual(parseUrl("socket://bench_1:4000"), {
    kind: "socket",
    host: "bench_1",
    port: 4000,
  });
});

Deno.test("parseUrl() names a blank in the name of a host", () => {
  for (const scheme of ["socket", "rfc2217"]) {
    assert.throws(() => parseUrl(`${scheme}://bench 1:4000`), /bench 1/);
  }
});
