/**
 * The answers of degraded drivers to what official clients ask of their own accord: without them,
 * a client fails for the drivers beside it, too.
 *
 * @module
 */
import type { DriverNode } from "./node.ts";
import { CLIENT_LABEL } from "./report.ts";

/** Answers by method, by the class of the client. */
const ANSWERS: Readonly<Record<string, Readonly<Record<string, (node: DriverNode) => unknown>>>> = {
  // `j` asks for the names of the commands, whichever driver its command line is for.
  "jumpstarter_driver_shell.client.ShellClient": { get_methods: shellMethods },
};

/** The answer of a degraded driver to `method`; undefined if it can only say why it is degraded. */
export function degradedAnswer(node: DriverNode, method: string): unknown {
  const answers = ANSWERS[node.labels[CLIENT_LABEL] ?? ""] ?? {};
  return Object.hasOwn(answers, method) ? answers[method]!(node) : undefined;
}

/** The methods in the config: calls of them tell why the driver is degraded. */
function shellMethods({ source, methodsDescription }: DriverNode): string[] {
  const { methods } = ("config" in source ? source.config : undefined) as { methods?: unknown } ??
    {};
  const isMap = typeof methods === "object" && methods !== null && !Array.isArray(methods);
  return Object.keys(isMap ? methods : methodsDescription);
}
