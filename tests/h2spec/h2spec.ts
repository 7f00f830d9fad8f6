/**
 * h2spec, a conformance test for HTTP/2 servers: built from the Go modules that go.mod pins.
 *
 * @module
 */
import { goProgram } from "../go_program.ts";

/** How a case ended. */
export type Outcome = "passed" | "failed" | "skipped";

/** Runs every case against `127.0.0.1:port`; each by its section and title. */
export async function tryServer(port: number, tls: boolean): Promise<Map<string, Outcome>> {
  const program = await goProgram({
    name: "h2spec",
    folder: new URL("./", import.meta.url).pathname,
    package: "github.com/summerwind/h2spec/cmd/h2spec",
  });
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
