/** Helpers for tests with folders, and with a second user. @module */
import assert from "node:assert/strict";
import { NOBODY } from "../libc/testing.ts";

/** The user and group of the neighbour, who owns nothing. */
export const NEIGHBOUR = NOBODY;

/** A folder in `/tmp`, removed with its scope. */
export interface TestFolder extends AsyncDisposable {
  readonly path: string;
}

/** Creates a folder. @param mode its permissions: 0o1777 is a folder like `/tmp`. */
export async function testFolder(mode = 0o700): Promise<TestFolder> {
  const path = await Deno.makeTempDir({ prefix: "jmp-files-", dir: "/tmp" });
  await Deno.chmod(path, mode);
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

/** Runs `use` with the path of an empty folder, which is removed afterwards. */
export async function withFolder(use: (path: string) => Promise<void>): Promise<void> {
  await using folder = await testFolder();
  await use(folder.path);
}

/** Runs a shell script as the neighbour. @throws {Error} if it fails, or the test is not run as root. */
export async function neighbour(script: string): Promise<void> {
  assert.equal(Deno.uid(), 0, "this test acts for two users: run it as root");
  const { success, stderr } = await new Deno.Command("setpriv", {
    args: [`--reuid=${NEIGHBOUR}`, `--regid=${NEIGHBOUR}`, "--clear-groups", "sh", "-euc", script],
    stderr: "piped",
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
}

/** The names in a folder, sorted. */
export async function names(path: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(path), ({ name }) => name)).sort();
}

/** The permissions of a file. */
export async function modeOf(path: string): Promise<number> {
  return (await Deno.lstat(path)).mode! & 0o7777;
}
