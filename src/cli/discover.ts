/** `jmp discover`: prints the devices that are plugged in, as YAML for a config. @module */
import { Command } from "commander";
import { stringify } from "yaml";
import { manifests } from "../../drivers/mod.ts";
import type { Discovery } from "../driver/manifest.ts";
import { printable } from "../text/printable.ts";
import { messageOf } from "../wire/error.ts";
import { print, printError } from "./common.ts";
import type { Finish } from "./finish.ts";

/** Prints an `export:` block with an entry for each device that a driver supports. */
export function discoverCommand(finish: Finish): Command {
  return new Command("discover")
    .description(
      "print the devices that are plugged in and supported, as YAML to paste into a config",
    )
    .action(async () => finish(await discover()));
}

interface Found extends Discovery {
  readonly type: string;
}

/** @returns 0, even if nothing is plugged in. */
async function discover(): Promise<number> {
  const found: Found[] = [];
  for (const { type, load } of manifests.filter(({ discoverable }) => discoverable)) {
    try {
      const { discover } = await load();
      for (const discovery of await discover?.() ?? []) found.push({ ...discovery, type });
    } catch (error) {
      printError(`jmp: cannot look for devices of ${type}: ${messageOf(error)}`);
    }
  }
  if (found.length === 0) {
    printError("jmp: found no device that a driver of this exporter supports");
  } else print(asYaml(found).trimEnd());
  return 0;
}

/** Formats an `export:` block, with a comment that names the device above each entry. */
export function asYaml(found: readonly Found[]): string {
  const used = new Map<string, number>();
  const entries = found.map(({ device, name, type, config }) => {
    const count = (used.get(name) ?? 0) + 1;
    used.set(name, count);
    const entry = { [count === 1 ? name : `${name}${count}`]: { type, config } };
    // Quotes what YAML 1.1 would read as another type, since the official exporter reads that.
    return `# ${printable(device)}\n${stringify(entry, { version: "1.1", lineWidth: 0 })}`;
  });
  return `export:\n${entries.join("").replace(/^/gm, "  ").trimEnd()}\n`;
}
