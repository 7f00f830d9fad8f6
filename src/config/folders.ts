/**
 * The folders of exporter configs and custom drivers: the user's first, then the system's.
 * Names and order are those of the official exporter.
 *
 * @module
 */
import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";

/** Environment variables by name. */
export type Env = Readonly<Record<string, string | undefined>>;

/** The system's folder; tests pass another. */
export const SYSTEM_DIR = "/etc/jumpstarter";

/** Longest path in bytes (limits.h). */
const PATH_MAX = 4096;

/**
 * The user's folder: JMP_CLIENT_CONFIG_HOME, XDG_CONFIG_HOME/jumpstarter or
 * ~/.config/jumpstarter. A relative XDG_CONFIG_HOME is ignored, as its specification says and
 * the official exporter does. A user without a home gets a folder below `/`.
 *
 * @throws {Error} naming the variable, if it is longer than any path.
 */
export function userDir(env: Env): string {
  const own = pathOf("JMP_CLIENT_CONFIG_HOME", env);
  if (own) return resolve(own);
  const xdg = pathOf("XDG_CONFIG_HOME", env);
  const base = isAbsolute(xdg) ? xdg : join(pathOf("HOME", env) || homedir() || "/", ".config");
  return join(base, "jumpstarter");
}

function pathOf(variable: string, env: Env): string {
  const path = env[variable] ?? "";
  if (path.length < PATH_MAX) return path;
  throw new Error(
    `${variable}: expected the path of a folder, found ${path.length} characters; correct or ` +
      "unset it",
  );
}

/** The folders of custom drivers in the order to search them; they need not exist. */
export function driverDirs(env: Env, systemDir: string = SYSTEM_DIR): string[] {
  return [join(userDir(env), "drivers"), join(systemDir, "drivers")];
}

/** The folders of exporter configs in the order to search them; they need not exist. */
export function configDirs(env: Env, systemDir: string = SYSTEM_DIR): string[] {
  return [join(userDir(env), "exporters"), join(systemDir, "exporters")];
}
