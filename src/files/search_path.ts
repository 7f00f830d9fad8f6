/** Programs in the folders of PATH. @module */
import { statSync } from "node:fs";
import { isAbsolute, join } from "node:path";

/** All programs of this name, in the order of `path`, whose relative folders are skipped. */
export function programsOn(path: string, name: string): string[] {
  const folders = new Set(path.split(":").filter(isAbsolute));
  return [...folders].map((folder) => join(folder, name)).filter(isProgram);
}

/** Whether a path is that of a file that somebody may execute. */
export function isProgram(path: string): boolean {
  try {
    const info = statSync(path);
    return info.isFile() && (info.mode & 0o111) !== 0;
  } catch {
    return false;
  }
}
