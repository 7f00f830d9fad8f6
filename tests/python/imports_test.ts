/** What a warm interpreter imports: types that end it, and packages that change. */
import assert from "node:assert/strict";
import { lab, running } from "./lab.ts";

const POWER = "jumpstarter_driver_power.driver.MockPower";

const DRIVER = `
from jumpstarter.driver import Driver, export

class Vendor(Driver):
    @classmethod
    def client(cls):
        return "vendor.Client"

    @export
    def version(self):
        return VERSION
`;

Deno.test("a type whose import kills the interpreter is refused, and the others are served", async () => {
  await using modules = await folder();
  await Deno.writeTextFile(`${modules.path}/crash.py`, "import os\nos.kill(os.getpid(), 11)\n");
  await using python = await lab({ modules: modules.path });
  const { problems } = await python.warm.importTypes([POWER, "crash.Crash"]);
  assert.match(problems.get("crash.Crash")!.message, /its import failed: .*SIGSEGV/);
  assert.equal(problems.size, 1);
  await using child = await running(python, {
    crash: { type: "crash.Crash" },
    power: { type: POWER },
  });
  assert.match(child.launched.problems.get("crash")!.message, /SIGSEGV/);
  await child.call("power", "on");
});

Deno.test("an interpreter that ends before it imports anything is told", async () => {
  await using python = await lab({ interpreter: "/bin/false" });
  await assert.rejects(python.warm.importTypes([POWER]), /the Python host ended with exit code 1/);
  await using absent = await lab({ interpreter: "/no/such/python" });
  await assert.rejects(absent.warm.importTypes([POWER]), /Cannot run \/no\/such\/python/);
});

Deno.test("the next lease has packages that were installed, or edited, meanwhile", async () => {
  await using modules = await folder();
  const install = (version: number) =>
    Deno.writeTextFile(`${modules.path}/vendor.py`, `VERSION = ${version}\n${DRIVER}`);
  await using python = await lab({ modules: modules.path });
  const entries = { vendor: { type: "vendor.Vendor" }, power: { type: POWER } };
  {
    await using child = await running(python, entries);
    assert.match(child.launched.problems.get("vendor")!.message, /vendor/);
    await child.call("power", "on");
  }
  await install(1);
  await using first = await running(python, entries);
  assert.equal(await first.call("vendor", "version"), 1);
  await python.warm.importTypes(["vendor.Vendor"]);
  await install(22);
  await using second = await running(python, entries);
  assert.equal(await second.call("vendor", "version"), 22);
  // The lease that runs is left alone.
  assert.equal(await first.call("vendor", "version"), 1);
  assert.match(python.troubles.at(-1)!, /packages that have changed/);
});

async function folder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await Deno.makeTempDir();
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}
