/**
 * The arrows between the rooms of the house: which folder may import which. The
 * table is the design; `deno task check` and a test hold the code to it.
 *
 * @module
 */
import { shippedSources } from "./imports.ts";

/**
 * For each room the rooms and files that it may import; its own are always allowed. A room may
 * stand in another one: it needs its own line, and so does what the outer one takes from it.
 */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  "main.ts": ["src/cli", "src/j"],
  "src/cli": [
    "src/about",
    "src/catalog",
    "src/config",
    "src/controller",
    "src/driver",
    "src/exporter",
    "src/foreign",
    "src/lease",
    "src/log",
    "src/observe",
    "src/process",
    "src/session",
    "src/tree",
    "src/wire",
    "drivers/mod.ts",
  ],
  "src/catalog": [
    "src/config/schema",
    "src/driver",
    "src/foreign",
    "src/tree/entry.ts",
    "deno.json",
    "drivers/mod.ts",
  ],
  "src/config": ["src/config/schema", "src/config/yaml", "src/tree", "src/wire/error.ts"],
  "src/config/schema": [
    "src/config/yaml",
    "src/driver/lax.ts",
    "src/driver/manifest.ts",
    "src/tree",
    "src/wire/error.ts",
    "src/wire/net/endpoint.ts",
  ],
  "src/config/yaml": [],
  "src/about": ["deno.json"],
  "src/log": [],
  "src/observe": ["src/exporter/state.ts", "src/exporter/store.ts", "src/log"],
  "src/process": ["src/log"],
  "src/wire": [],
  "src/driver": ["src/wire"],
  "src/codec": ["src/wire"],
  "src/hardware": ["src/codec", "src/driver", "src/wire"],
  "src/tree": ["src/codec", "src/driver", "src/hardware", "src/wire"],
  "src/foreign": ["src/client", "src/driver", "src/tree", "src/wire"],
  "src/session": ["src/codec", "src/driver", "src/log", "src/tree", "src/wire"],
  "src/client": ["src/codec", "src/wire"],
  "src/j": ["src/about", "src/client", "src/codec", "src/wire"],
  "src/lease": ["src/wire"],
  "src/controller": ["src/log", "src/wire"],
  "src/exporter": [
    "src/config",
    "src/controller",
    "src/driver",
    "src/lease",
    "src/log",
    "src/session",
    "src/tree",
    "src/wire",
  ],
  "drivers": ["src/driver", "src/hardware"],
};

/** The ground floor, open to every room above it, and what its rooms may import themselves. */
const GROUND: Readonly<Record<string, readonly string[]>> = {
  "src/base": [],
  "src/libc": [],
  "src/text": [],
  "src/files": ["src/base", "src/libc", "src/text"],
  "src/python": ["src/files"],
  "src/subprocess": ["src/base"],
};

/** An import that the table does not allow. */
export interface StrayArrow {
  readonly from: string;
  readonly to: string;
}

/** Every import between rooms that the table does not allow. */
export async function strayArrows(): Promise<StrayArrow[]> {
  return (await shippedSources()).flatMap(({ path, imports }) => {
    const stray = imports.filter((target) => !allowed(path, target));
    return stray.map((to) => ({ from: path, to }));
  });
}

function allowed(file: string, target: string): boolean {
  const room = roomOf(file);
  // A driver family is a room of its own.
  if (room === "drivers" && file.split("/").length > 2) {
    const family = file.split("/").slice(0, 2).join("/");
    if (target.startsWith("drivers/")) return target.startsWith(`${family}/`);
  } else if (roomOf(target) === room) return true;
  const rooms = GROUND[room] ?? [...Object.keys(GROUND), ...(ROOMS[room] ?? [])];
  return rooms.some((name) => target === name || target.startsWith(`${name}/`));
}

/** The innermost room of the table that holds `path`, or else its folder. */
export function roomOf(path: string): string {
  const parts = path.split("/");
  for (let depth = parts.length - 1; depth > 0; depth--) {
    const folder = parts.slice(0, depth).join("/");
    if (folder in ROOMS || folder in GROUND) return folder;
  }
  return parts[0] === "src" ? parts.slice(0, 2).join("/") : parts[0]!;
}
