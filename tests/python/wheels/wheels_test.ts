/**
 * Tests of the official drivers, as they are in the packages of the PyPI: our exporter serves their
 * drivers instead of the process of the test.
 */
import assert from "node:assert/strict";
import { jmp } from "../../official/exporter.ts";
import { run } from "../../official/process.ts";
import { officialDrivers } from "./environment.ts";
import { TESTS } from "./tests.ts";

const programs = new URL("./programs/", import.meta.url).pathname;

/** What became of a test. */
interface Result {
  readonly outcome: "passed" | "failed" | "skipped";
  /** Whether an exporter served its driver. */
  readonly served: boolean;
}

/**
 * Runs tests in a pytest of their own.
 *
 * @param bin the folder of its environment's programs
 * @returns the results, by the tests' names
 */
async function pytest(bin: string, tests: readonly string[]): Promise<Record<string, Result>> {
  const dir = await Deno.makeTempDir({ prefix: "jmp-wheels-" });
  try {
    const packages = await sitePackages(bin);
    const report = `${dir}/report.json`;
    const options = ["-p", "serve_plugin", "-p", "no:cacheprovider", "--import-mode=importlib"];
    const env = {
      JMP_CLIENT_CONFIG_HOME: dir,
      JMP_PYTHON: `${bin}/python`,
      PYTHONPATH: programs,
      PYTHONDONTWRITEBYTECODE: "1",
      TEST_EXPORTER: JSON.stringify(
        jmp("run", "--exporter-config", "{config}", "--listen", "unix:{socket}"),
      ),
      TEST_REPORT: report,
    };
    const { code, stdout } = await run([
      ...[`${bin}/python`, "-m", "pytest", ...options, "--rootdir", packages, "--timeout=100"],
      ...tests.map((test) => `${packages}/${test}`),
    ], { env, timeoutMs: 600_000 });
    assert.equal(code, 0, stdout);
    return JSON.parse(await Deno.readTextFile(report));
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** The folder of an environment's packages. */
async function sitePackages(bin: string): Promise<string> {
  const script = "import sysconfig; print(sysconfig.get_path('purelib'))";
  return (await run([`${bin}/python`, "-c", script])).stdout.trim();
}

Deno.test("tests in the official packages pass with our exporter", async () => {
  const tests = Object.entries(TESTS).map(([name, short]) =>
    short.map((test) => `jumpstarter_driver_${name}/driver_test.py::test_${test}`)
  );
  const bin = await officialDrivers();
  // Two at once, since each exporter waits for its Python.
  const halves = [0, 1].map((half) => tests.filter((_, index) => index % 2 === half).flat());
  const results = await Promise.all(halves.map((half) => pytest(bin, half)));
  const expected = tests.flat().map((test) => [test, { outcome: "passed", served: true }]);
  assert.deepEqual(Object.assign({}, ...results), Object.fromEntries(expected));
});
