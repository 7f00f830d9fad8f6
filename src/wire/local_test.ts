import assert from "node:assert/strict";
import { Code } from "./code.ts";
import * as local from "./local.ts";

Deno.test("requests and answers come back as they were", () => {
  for (const request of [{ do: "session", force: true }, { do: "identify" }] as const) {
    assert.deepEqual(local.parseRequest(local.formatRequest(request)), request);
  }
  const identity = { namespace: "lab", name: "demo", file: "/etc/demo.yaml" };
  const refusal = { error: "it is leased", code: Code.FAILED_PRECONDITION };
  for (const answer of [identity, refusal]) {
    assert.deepEqual(local.parseAnswer(local.formatAnswer(answer)), answer);
  }
});

Deno.test("parseRequest() and parseAnswer() take nothing else", () => {
  const requests = ["", "{}", "null", "[1]", '{"jmp":1}', '{"jmp":2,"do":"identify"}', "{"];
  for (const line of [...requests, '{"jmp":1,"do":"dance"}', "PRI * HTTP/2.0\r\n"]) {
    assert.equal(local.parseRequest(line), undefined, line);
  }
  const session = '{"jmp":1,"do":"session","force":"yes","more":[]}';
  assert.deepEqual(local.parseRequest(session), { do: "session", force: false });
  for (const line of ["", "{}", '{"ok":true}', '{"ok":1,"namespace":"a","name":"b","file":"c"}']) {
    assert.equal(local.parseAnswer(line), undefined, line);
  }
  assert.deepEqual(local.parseAnswer('{"error":"no","code":99}'), { error: "no", code: 2 });
});

Deno.test("a socket's name names its exporter", () => {
  for (const [namespace, name] of [["lab", "demo"], ["", "a.b/c"], ["l%", "ä"]] as const) {
    const file = local.socketName({ namespace, name });
    assert.ok(!file.includes("/"));
    assert.deepEqual(local.parseSocketName(file), { namespace, name });
  }
  for (const file of ["lab.demo.lease.json", "demo.sock", "lab.%E0%A4.sock", ""]) {
    assert.equal(local.parseSocketName(file), undefined);
  }
});
