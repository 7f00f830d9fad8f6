import assert from "node:assert/strict";
import { clientVariables } from "./client_variables.ts";
import type { DriverProcess } from "./driver_process.ts";
import type { DriverNode, NodeSource } from "./node.ts";

function node(source: NodeSource, ...children: DriverNode[]): DriverNode {
  return {
    kind: "driver",
    name: "x",
    path: "x",
    uuid: "",
    type: "",
    source,
    methodsDescription: {},
    labels: {},
    children,
  };
}

function hosted(variables?: Readonly<Record<string, string>>): NodeSource {
  const start = () => assert.fail();
  const process: DriverProcess = {
    name: "x",
    start,
    ...(variables && { clientVariables: variables }),
  };
  return { process };
}

Deno.test("clientVariables() collects those of all processes; the first one decides", () => {
  const tree = node(
    { kind: "root" },
    node(hosted()),
    node({ kind: "root" }, node(hosted({ JMP_PYTHON: "/a/bin/python" }))),
    node(hosted({ JMP_PYTHON: "/b/bin/python", OTHER: "1" })),
  );
  assert.deepEqual(clientVariables(tree), { JMP_PYTHON: "/a/bin/python", OTHER: "1" });
  assert.deepEqual(clientVariables(node({ kind: "root" })), {});
});
