/**
 * h2spec, a conformance test for HTTP/2 servers: built from the Go modules that go.mod pins, and
 * kept in `.cache/` beside the sources.
 *
 * @module
 */
import assert from "node:assert/strict";

const here = new URL("./", import.meta.url).pathname;
const cache = new URL("../../.cache/", import.meta.url).pathname;

/** How a case ended. */
export type Outcome = "passed" | "failed" | "skipped";

/** The path of the program, built if necessary. */
export async function h2spec(): Promise<string> {
  const pins = await Deno.readTextFile(`${here}go.mod`) + await Deno.readTextFile(`${here}go.sum`);
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(pins));
  const path = `${cache}h2spec-${new Uint8Array(hash).toHex().slice(0, 12)}`;
  const found = await Deno.stat(path).catch(() => undefined);
  if (found) return path;
  await Deno.mkdir(cache, { recursive: true });
  const unfinished = `${path}.${Deno.pid}`;
  const { success, stderr } = await new Deno.Command("go", {
    args: [
      ...["build", "-trimpath", "-buildvcs=false", "-o", unfinished],
      "github.com/summerwind/h2spec/cmd/h2spec",
    ],
    cwd: here,
    // Uses the installed Go, not another version that a module would download.
    env: { GOTOOLCHAIN: "local", GOFLAGS: "-mod=readonly", CGO_ENABLED: "0" },
  }).output();
  assert.ok(success, `Cannot build h2spec: ${new TextDecoder().decode(stderr)}`);
  await Deno.rename(unfinished, path);
  return path;
}

/** Runs every case against `127.0.0.1:port`; each by its section and title. */
export async function tryServer(port: number, tls: boolean): Promise<Map<string, Outcome>> {
  const program = await h2spec();
  const report = await Deno.makeTempFile({ prefix: "jmp-h2spec-", suffix: ".xml" });
  try {
    const args = ["--port", String(port), "--strict", "--timeout", "3", "--junit-report", report];
    if (tls) args.push("--tls", "--insecure");
    // The exit code only tells whether a case failed; the report names each.
    await new Deno.Command(program, { args, stdout: "null", stderr: "null" }).output();
    return outcomes(await Deno.readTextFile(report));
  } finally {
    await Deno.remove(report);
  }
}

function outcomes(junit: string): Map<string, Outcome> {
  const found = new Map<string, Outcome>();
  const cases = junit.matchAll(
    /<testcase package="([^"]*)" classname="([^"]*)"[^>]*>([\s\S]*?)<\/testcase>/g,
  );
  for (const [, section, title, body] of cases) {
    const failed = /<(?:error|failure)>/.test(body!);
    const outcome = failed ? "failed" : /<skipped>/.test(body!) ? "skipped" : "passed";
    found.set(`${section}: ${title!.replaceAll("&#34;", '"')}`, outcome);
  }
  return found;
}
