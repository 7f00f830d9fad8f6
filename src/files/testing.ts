/** What tests of places that others can write need: a neighbour, and a place to meet. @module */
import assert from "node:assert/strict";
import "../libc/testing.ts";

/** The user and group of the neighbour: `nobody`, who owns nothing. */
export const NEIGHBOUR = 65534;

/** A folder in `/tmp`, removed with its scope. */
export interface TestFolder extends AsyncDisposable {
  readonly path: string;
}

/** @param mode what others may do there: 0o1777 is a folder like `/tmp`. */
export async function testFolder(mode = 0o700): Promise<TestFolder> {
  const path = await Deno.makeTempDir({ prefix: "jmp-files-", dir: "/tmp" });
  await Deno.chmod(path, mode);
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

/** Runs a shell script as the neighbour. @throws {Error} when it fails, or we are not root. */
export async function neighbour(script: string): Promise<void> {
  assert.equal(Deno.uid(), 0, "this test acts for two users: run it as root");
  const { success, stderr } = await new Deno.Command("setpriv", {
    args: [`--reuid=${NEIGHBOUR}`, `--regid=${NEIGHBOUR}`, "--clear-groups", "sh", "-euc", script],
    stderr: "piped",
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
}

/** What is in a folder. */
export async function names(path: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(path), ({ name }) => name)).sort();
}

/** The permissions of a file. */
export async function modeOf(path: string): Promise<number> {
  return (await Deno.lstat(path)).mode! & 0o7777;
}
