import assert from "node:assert/strict";
import { parseResourceName, parseSelector, resourceName, selectorLabels } from "./names.ts";
import { signToken, verifyToken } from "./token.ts";

Deno.test("parseResourceName() reads what resourceName() wrote, and nothing else", () => {
  const name = resourceName("lab", "leases", "one");
  assert.deepEqual(parseResourceName(name, "leases"), { namespace: "lab", name: "one" });
  for (const wrong of [name + "/x", "lab/one", "", "namespaces//leases/one"]) {
    assert.equal(parseResourceName(wrong, "leases"), undefined);
  }
  assert.equal(parseResourceName(name, "exporters"), undefined);
});

Deno.test("parseSelector() knows the operators of Kubernetes", () => {
  const labels = { a: "1", b: "2" };
  const matching = ["", "a=1", "a==1,b=2", "a!=2", "a in (1, 2),b", "a notin (3)", "!c", "c!=1"];
  const others = ["a=2", "a=1,b=3", "a!=1", "a in (2,3)", "a notin (1)", "c", "!a"];
  for (const selector of matching) assert.ok(parseSelector(selector)(labels), selector);
  for (const selector of others) assert.ok(!parseSelector(selector)(labels), selector);
  assert.throws(() => parseSelector("a b"), /expected key=value, found "a b"/);
  assert.deepEqual(selectorLabels("a=1,b in (2,3),c!=4"), { a: "1" });
});

Deno.test("verifyToken() trusts only whole tokens of its own key", () => {
  const secret = new Uint8Array(32).fill(1);
  const token = signToken(secret, "id");
  assert.equal(verifyToken(secret, token), "id");
  const [header, , signature] = token.split(".");
  assert.throws(() => verifyToken(secret, `${header}.e30.${signature}`), /signature/);
  assert.throws(() => verifyToken(secret, signToken(secret, "id", -1)), /expired/);
});
