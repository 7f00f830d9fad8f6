/** The environment that packages are installed in. @module */
import { dirname, join, resolve } from "node:path";
import { messageOf } from "../../../wire/error.ts";
import { interpreterAt } from "../interpreter.ts";
import { type Env, type PlaceOptions, places } from "../../../python/places.ts";
import { listPackages } from "../probe.ts";
import { exists, isLink, statOf } from "../../../files/stat.ts";

/** What is at the place of an environment. */
export type Present =
  | { readonly state: "absent" }
  | { readonly state: "broken"; readonly reason: string }
  | {
    readonly state: "usable";
    readonly python: string;
    /** Version by name of its packages. */
    readonly installed: ReadonlyMap<string, string>;
  };

/**
 * The folder of the environment: the first place where exporters look for one.
 *
 * @throws {Error} if the user chose an interpreter outside of a virtual environment.
 */
export function targetFolder(options: PlaceOptions): string {
  const { name, path, missing } = places(options)[0]!;
  if (path === undefined) throw new Error(`Cannot install by ${name}: ${missing}`);
  const info = statOf(path);
  if (info?.isDirectory || (!info && !isLink(path))) return path;
  const folder = dirname(dirname(resolve(path)));
  if (exists(join(folder, "pyvenv.cfg"))) return folder;
  throw new Error(
    `Cannot install by ${name}: expected an interpreter of a virtual environment, found ${path}; ` +
      "set another one, or use --target FOLDER",
  );
}

/**
 * Looks at the environment in a folder.
 *
 * @throws {Error} if something else is there.
 */
export async function presentAt(folder: string, env: Env): Promise<Present> {
  if (!exists(folder) && !isLink(folder)) return { state: "absent" };
  if (!exists(join(folder, "pyvenv.cfg"))) {
    throw new Error(
      `Cannot install in ${folder}: expected a virtual environment or nothing there, found ` +
        "something else; remove it, or use --target FOLDER",
    );
  }
  try {
    const { python } = await interpreterAt(folder, env);
    return { state: "usable", python, installed: await listPackages(python) };
  } catch (error) {
    return { state: "broken", reason: messageOf(error) };
  }
}
