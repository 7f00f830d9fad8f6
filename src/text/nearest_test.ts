import assert from "node:assert/strict";
import { nearest } from "./nearest.ts";

Deno.test("nearest() finds the most similar name", () => {
  const names = ["type", "config", "children", "methods_description"];
  assert.equal(nearest("typ", names), "type");
  assert.equal(nearest("Type", names), "type");
  assert.equal(nearest("tpye", names), "type");
  assert.equal(nearest("methodsDescription", names), "methods_description");
  assert.equal(nearest("childs", names), undefined);
  assert.equal(nearest("on", names), undefined);
  assert.equal(nearest("", names), undefined);
});
