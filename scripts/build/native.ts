/**
 * Packages with native code. Their JavaScript is bundled like any other; their search for the addon
 * in node_modules is replaced by code that loads the addon beside the bundle, by its absolute path.
 *
 * @module
 */
import type { Lock, LockedPackage } from "./lock.ts";
import { shipped } from "./sources.ts";
import type { Target } from "./targets.ts";

/** A package with native code and its addons for one machine. */
export interface NativePackage {
  readonly main: LockedPackage;
  /** The packages of the addons that `target` can load. */
  readonly addons: readonly LockedPackage[];
}

/** For each package, its search for the addon and the addon's name. */
const SEARCHES: Readonly<Record<string, { readonly file: string; readonly addon: string }>> = {
  // Made by napi-rs, which names addons like `usb.linux-x64-gnu.node`.
  usb: { file: "index.js", addon: "usb" },
};

/** The packages of `used` with native code. @throws {Error} if one has no addon for `target` */
export function nativePackages(
  lock: Lock,
  used: readonly LockedPackage[],
  target: Target,
): readonly NativePackage[] {
  return used.filter(isNative).map((main) => {
    const addons = main.optional.map((name) => lock.get(name)).filter((addon) => {
      return suits(addon, target);
    });
    if (addons.length !== 1) {
      throw new Error(
        `Cannot build for ${target.arch}: expected one addon of ${main.name} for it, ` +
          `found ${addons.length}`,
      );
    }
    return { main, addons };
  });
}

/**
 * Makes the copied sources import the packages that were unpacked into `addons`, and makes these load
 * their addons from beside the bundle.
 *
 * @throws {Error} for a package whose search for the addon is unknown.
 */
export async function redirectNative(
  sources: string,
  native: readonly NativePackage[],
): Promise<void> {
  for (const { main: { name }, addons: [addon] } of native) {
    const search = SEARCHES[name];
    if (!search) {
      throw new Error(
        `Cannot bundle ${name}: expected to know which of its files looks for the addon; ` +
          "name it in scripts/build/native.ts",
      );
    }
    const place = `${sources}/addons/${name}`;
    const manifest = JSON.parse(await Deno.readTextFile(`${place}/package.json`));
    await Deno.writeTextFile(
      `${place}/package.json`,
      JSON.stringify({ ...manifest, type: "commonjs" }),
    );
    const file = `${search.addon}.${/linux-.*$/.exec(addon!.name)![0]}.node`;
    await Deno.writeTextFile(`${place}/${search.file}`, loaderOf(file));
    await redirectImports(sources, name, `addons/${name}/${manifest.main}`);
  }
}

/**
 * Loads by path, without a search; Deno.mainModule is the bundle's `main.js`. If the file was removed
 * since the start, the program still has it open and loads it by that descriptor.
 */
export function loaderOf(file: string): string {
  return `const process = require("node:process");
const { existsSync, readdirSync, readlinkSync } = require("node:fs");
const { fileURLToPath } = require("node:url");
const addon = { exports: {} };
const path = fileURLToPath(new URL("./addons/${file}", Deno.mainModule));
const held = () =>
  readdirSync("/proc/self/fd").map((name) => "/proc/self/fd/" + name).find((link) => {
    try {
      return readlinkSync(link) === path + " (deleted)";
    } catch {
      return false;
    }
  });
const kept = existsSync(path) ? undefined : held();
process.dlopen(addon, kept ?? path);
module.exports = addon.exports;
`;
}

async function redirectImports(sources: string, name: string, target: string): Promise<void> {
  for await (const path of shipped(sources)) {
    const text = await Deno.readTextFile(`${sources}/${path}`);
    const up = "../".repeat(path.split("/").length - 1) || "./";
    const redirected = text.replaceAll(`import("${name}")`, `import("${up}${target}")`);
    if (redirected !== text) await Deno.writeTextFile(`${sources}/${path}`, redirected);
  }
}

/** Whether the package has an optional package for each kind of machine. */
function isNative({ optional }: LockedPackage): boolean {
  return optional.length > 0;
}

/** The C library is told by the names only; the lock file does not have it. */
function suits({ name, os, cpu }: LockedPackage, target: Target): boolean {
  return os.includes("linux") && cpu.includes(target.cpu) && !name.endsWith("-musl");
}
