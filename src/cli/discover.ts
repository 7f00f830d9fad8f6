/** `jmp discover`: what is plugged in, as YAML to paste. @module */
import { Command } from "commander";
import { stringify } from "yaml";
import { manifests } from "../../drivers/mod.ts";
import type { Discovery } from "../driver/manifest.ts";
import { printable } from "../text/printable.ts";
import { messageOf } from "../wire/error.ts";
import { print, printError } from "./common.ts";
import type { Finish } from "./finish.ts";

/** Prints an `export:` with an entry for each device that a driver knows. */
export function discoverCommand(finish: Finish): Command {
  return new Command("discover")
    .description("print what is plugged in and can be served, as YAML to paste into a config")
    .action(async () => finish(await discover()));
}

interface Found extends Discovery {
  readonly type: string;
}

/** @returns 0, also when nothing is plugged in. */
async function discover(): Promise<number> {
  const found: Found[] = [];
  for (const { type, load } of manifests.filter(({ discoverable }) => discoverable)) {
    try {
      const { discover } = await load();
      for (const discovery of await discover?.() ?? []) found.push({ ...discovery, type });
    } catch (error) {
      printError(`jmp: Cannot look for devices of ${type}: ${messageOf(error)}`);
    }
  }
  if (found.length === 0) {
    printError("jmp: nothing is plugged in that a driver of this exporter knows");
  } else print(asYaml(found).trimEnd());
  return 0;
}

/** An `export:` block with the device above each entry. */
export function asYaml(found: readonly Found[]): string {
  const used = new Map<string, number>();
  const entries = found.map(({ device, name, type, config }) => {
    const count = (used.get(name) ?? 0) + 1;
    used.set(name, count);
    const entry = { [count === 1 ? name : `${name}${count}`]: { type, config } };
    // The official exporter reads YAML 1.1: quotes what has a meaning there.
    return `# ${printable(device)}\n${stringify(entry, { version: "1.1", lineWidth: 0 })}`;
  });
  return `export:\n${entries.join("").replace(/^/gm, "  ").trimEnd()}\n`;
}
