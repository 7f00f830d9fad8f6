/**
 * Programs that tests build from the Go modules that a `go.mod` pins; kept in `.cache/` beside the
 * sources.
 *
 * @module
 */
import assert from "node:assert/strict";

const cache = new URL("../.cache/", import.meta.url).pathname;

/** What is built. */
export interface GoProgram {
  readonly name: string;
  /** The folder of `go.mod` and `go.sum`, with a slash at its end. */
  readonly folder: string;
  readonly package: string;
}

/** The path of the program, built if necessary. */
export async function goProgram(program: GoProgram): Promise<string> {
  const { name, folder } = program;
  const pins = await Deno.readTextFile(`${folder}go.mod`) +
    await Deno.readTextFile(`${folder}go.sum`);
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(pins));
  const path = `${cache}${name}-${new Uint8Array(hash).toHex().slice(0, 12)}`;
  const found = await Deno.stat(path).catch(() => undefined);
  if (found) return path;
  await Deno.mkdir(cache, { recursive: true });
  const unfinished = `${path}.${Deno.pid}`;
  const { success, stderr } = await new Deno.Command("go", {
    args: ["build", "-trimpath", "-buildvcs=false", "-o", unfinished, program.package],
    cwd: folder,
    // Uses the installed Go, not another version that a module would download.
    env: { GOTOOLCHAIN: "local", GOFLAGS: "-mod=readonly", CGO_ENABLED: "0" },
  }).output();
  assert.ok(success, `Cannot build ${name}: ${new TextDecoder().decode(stderr)}`);
  await Deno.rename(unfinished, path);
  return path;
}
