/** The places where a Python with the official package is looked for, in order. @module */
import { isAbsolute, join, resolve } from "node:path";
import { programsOn } from "../files/search_path.ts";
import { exists } from "../files/stat.ts";

/** Environment variables by name. */
export type Env = Readonly<Record<string, string | undefined>>;

/** The environment that `jmp driver install` makes for all users; tests pass another. */
const SYSTEM_PLACE = "/var/lib/jumpstarter/python";

/** The environment of the official container image. */
const IMAGE_PLACE = "/jumpstarter/.venv";

/** The name of the place that a config chooses. */
export const CONFIGURED = "python: of the config";

/** An interpreter, or a folder with a virtual environment. */
export interface Place {
  /** For messages: `JMP_PYTHON`, `/var/lib/jumpstarter/python`, `python3 of PATH`. */
  readonly name: string;
  /** Absolute; undefined if there is none, for the reason in `missing`. */
  readonly path?: string;
  readonly missing?: string;
}

/** What decides on the places. */
export interface PlaceOptions {
  readonly env: Env;
  /** The value of `python:` in a config. */
  readonly configured?: string | undefined;
  /** The folder of the config, for a relative `configured`. @default the working directory */
  readonly folder?: string | undefined;
}

/**
 * Lists the places in the order in which to look at them. A choice of the user, by JMP_PYTHON or
 * by `python:` in the config, is the only one: another environment would be a surprise.
 */
export function places({ env, configured, folder = "." }: PlaceOptions): Place[] {
  if (env.JMP_PYTHON) return [chosen("JMP_PYTHON", env.JMP_PYTHON, ".", env)];
  if (configured) return [chosen(CONFIGURED, configured, folder, env)];
  return [
    ...sitePlaces(env).map((path) => ({ name: path, path })),
    { name: IMAGE_PLACE, path: IMAGE_PLACE },
    onPath("python3", env),
  ];
}

/**
 * The environments that `jmp driver install` makes: for root that of the system first, for
 * another user the own one.
 */
export function sitePlaces(env: Env, uid: number = Deno.uid() ?? 0): string[] {
  const own = userPlace(env);
  if (own === undefined) return [SYSTEM_PLACE];
  return uid === 0 ? [SYSTEM_PLACE, own] : [own, SYSTEM_PLACE];
}

/** XDG_DATA_HOME, if it is absolute as its specification wants it, else `~/.local/share`. */
function userPlace({ XDG_DATA_HOME = "", HOME = "" }: Env): string | undefined {
  if (isAbsolute(XDG_DATA_HOME)) return join(XDG_DATA_HOME, "jumpstarter/python");
  return isAbsolute(HOME) ? join(HOME, ".local/share/jumpstarter/python") : undefined;
}

/** A path, `~/path`, or the name of a program on PATH. */
function chosen(name: string, text: string, folder: string, env: Env): Place {
  const tilde = /^~(?=\/|$)/;
  if (tilde.test(text)) {
    if (!env.HOME) return { name, missing: `expected HOME to be set, for '${text}'` };
    return { name, path: resolve(env.HOME, `.${text.slice(1)}`) };
  }
  const path = resolve(folder, text);
  if (text.includes("/") || exists(path)) return { name, path };
  return { ...onPath(text, env), name };
}

/** The first program of this name; relative folders of PATH are skipped. */
function onPath(program: string, env: Env): Place {
  const name = `${program} of PATH`;
  const [path] = programsOn(env.PATH ?? "", program);
  return path === undefined ? { name, missing: `no ${program} on PATH` } : { name, path };
}
