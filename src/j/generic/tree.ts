/** `j tree`: the drivers of an exporter. @module */
import type { DriverClient } from "../../client/driver_client.ts";
import { type Health, healthOf } from "../../client/health.ts";
import type { JCommand } from "../command.ts";
import type { Context } from "../context.ts";
import { columns, wrap } from "../help.ts";

/** Adds the options and the action of `tree` to `command`. */
export function addTree(command: JCommand, root: DriverClient, context: Context): void {
  command.description("List the drivers: names, client classes, and what does not work")
    .action(async () => {
      const health = await healthOfAll(root, context.signal);
      const { output } = context;
      if (context.json) return output.json(describe(root, "", health));
      const lines = treeLines(root, health);
      output.line(lines.length === 0 ? "The exporter has no drivers." : lines.join("\n"));
    });
}

/** By uuid: a driver with two names is asked once. */
type HealthOf = ReadonlyMap<string, Health>;

async function healthOfAll(root: DriverClient, signal: AbortSignal): Promise<HealthOf> {
  const drivers = new Map([...descendants(root)].map((driver) => [driver.uuid, driver]));
  const asked = [...drivers].map(async ([uuid, driver]) =>
    [uuid, await healthOf(driver, { signal })] as const
  );
  return new Map(await Promise.all(asked));
}

function* descendants(parent: DriverClient): Generator<DriverClient> {
  for (const child of parent.children.values()) {
    yield child;
    yield* descendants(child);
  }
}

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
    health: health.get(uuid) ?? { state: "ok" },
    children: [...driver.children.values()].map((child) => describe(child, below(child), health)),
  };
}

/** A line of the list: a name, a class, and texts about the driver. */
interface Row {
  readonly name: string;
  readonly client: string;
  readonly texts: readonly string[];
}

/** Widest column of names, so that texts have room beside deep trees. */
const MAX_NAME = 28;

function treeLines(root: DriverClient, health: HealthOf): string[] {
  const rows = [...rowsOf(root, 0, health)];
  const width = (texts: string[]) => Math.max(0, ...texts.map((text) => text.length));
  const first = Math.min(MAX_NAME, width(rows.map(({ name }) => name))) + 2;
  const second = width(rows.map(({ client }) => client)) + 2;
  const margin = " ".repeat(first + second);
  const room = Math.max(20, columns() - margin.length);
  return rows.flatMap(({ name, client, texts }) => {
    const [text = "", ...further] = texts.flatMap((each) => wrap(each, room));
    const line = `${name.padEnd(first)}${client.padEnd(second)}${text}`.trimEnd();
    return [line, ...further.map((each) => margin + each)];
  });
}

function* rowsOf(parent: DriverClient, depth: number, health: HealthOf): Generator<Row> {
  for (const [name, child] of parent.children) {
    const { state, reason } = health.get(child.uuid)!;
    const trouble = state === "degraded" ? "not available" : "state unknown";
    const texts = state === "ok"
      ? [child.description]
      : [child.description, `${trouble}: ${reason}`];
    yield { name: "  ".repeat(depth) + name, client: shortClass(child.clientClass), texts };
    yield* rowsOf(child, depth + 1, health);
  }
}

/** The classes of official packages without their modules: `PowerClient`. */
function shortClass(clientClass: string): string {
  return /^jumpstarter_driver_\w+\.client\.(\w+)$/.exec(clientClass)?.[1] ?? clientClass;
}
