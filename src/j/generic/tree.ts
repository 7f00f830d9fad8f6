/** `j tree`: the drivers of an exporter. @module */
import type { DriverClient } from "../../client/driver_client.ts";
import { type Health, healthOf } from "../../client/health.ts";
import { printable } from "../../text/printable.ts";
import type { JCommand } from "../command.ts";
import type { Context } from "../context.ts";
import { columns, wrap } from "../help.ts";

/** Adds the options and the action of `tree` to `command`. */
export function addTree(command: JCommand, root: DriverClient, context: Context): void {
  command.description("List the drivers: names, client classes and health")
    .showJson()
    .action(async () => {
      const health = await healthOf(root, { signal: context.signal });
      const { output } = context;
      if (context.json) return output.json(describe(root, "", health));
      const lines = treeLines(root, health);
      output.line(lines.length === 0 ? "The exporter has no drivers." : lines.join("\n"));
    });
}

/** The health of a driver, by its uuid. */
type HealthOf = (uuid: string) => Health;

function describe(driver: DriverClient, path: string, health: HealthOf): unknown {
  const { name, uuid, clientClass, description, methodsDescription, labels } = driver;
  const below = (child: DriverClient) => path === "" ? child.name : `${path}.${child.name}`;
  return {
    name,
    path,
    uuid,
    client: clientClass,
    description,
    methods_description: methodsDescription,
    labels,
    health: health(uuid),
    children: [...driver.children.values()].map((child) => describe(child, below(child), health)),
  };
}

/** A driver in the list. */
interface Row {
  readonly name: string;
  readonly client: string;
  readonly description: string;
  /** What does not work; empty if all does. */
  readonly trouble: string;
}

/** Widest column of names, so that texts have room beside deep trees. */
const MAX_NAME = 28;

function treeLines(root: DriverClient, health: HealthOf): string[] {
  const rows = [...rowsOf(root, 0, health)];
  const width = (texts: string[]) => Math.max(0, ...texts.map((text) => text.length));
  const first = Math.min(MAX_NAME, width(rows.map(({ name }) => name))) + 2;
  const second = width(rows.map(({ client }) => client)) + 2;
  const within = (text: string, margin: number) =>
    wrap(text, Math.max(20, columns() - margin)).map((line) => " ".repeat(margin) + line);
  return rows.flatMap(({ name, client, description, trouble }) => {
    const [text = "", ...further] = within(description, first + second);
    const line = `${name.padEnd(first)}${client.padEnd(second)}${text.trimStart()}`.trimEnd();
    return [line, ...further, ...within(trouble, first)];
  });
}

function* rowsOf(parent: DriverClient, depth: number, health: HealthOf): Generator<Row> {
  for (const [name, child] of parent.children) {
    yield {
      name: "  ".repeat(depth) + printable(name),
      client: shortClass(child.clientClass),
      description: child.description,
      trouble: troubleOf(health(child.uuid)),
    };
    yield* rowsOf(child, depth + 1, health);
  }
}

function troubleOf({ state, reason }: Health): string {
  if (state === "degraded") return `not available: ${reason}`;
  return state === "opening" ? "not open yet" : "";
}

/** The classes of official packages without their modules: `PowerClient`. */
function shortClass(clientClass: string): string {
  const text = printable(clientClass);
  return /^jumpstarter(?:_driver_\w+)?\.client\.(\w+)$/.exec(text)?.[1] ?? text;
}
