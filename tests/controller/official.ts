/**
 * Checks of the test controller against the official programs, so that it stays a
 * stand-in for the real one: the official client leases from it, and the official
 * exporter serves that client through it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { dirname } from "node:path";
import { TestController } from "./controller.ts";
import { RawExporter } from "./raw_exporter.ts";

const LIMIT_MS = 60_000;
const POWER = { power: { type: "jumpstarter_driver_power.driver.MockPower" } };

/** What a program said, and how it ended. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The official interpreter: `JMP_OFFICIAL_PYTHON`. @throws {Error} where that is not set */
export function officialPython(): string {
  const python = Deno.env.get("JMP_OFFICIAL_PYTHON");
  if (python) return python;
  throw new Error(
    "Cannot find the official client: expected a Python interpreter in JMP_OFFICIAL_PYTHON, found none; " +
      "install jumpstarter-all 0.9.0 into a virtual environment and set it",
  );
}

/** Starts the official `jmp`, with the programs of its environment on the PATH. */
export function spawnOfficial(python: string, args: string[], home: string): Deno.ChildProcess {
  const bin = dirname(python);
  const PATH = `${bin}:${Deno.env.get("PATH") ?? ""}`;
  const env = { PATH, HOME: home, JMP_CLIENT_CONFIG_HOME: home, COLUMNS: "200" };
  const io = { stdin: "null", stdout: "piped", stderr: "piped" } as const;
  return new Deno.Command(`${bin}/jmp`, { args, env, ...io }).spawn();
}

/** Runs the official `jmp` to its end, which it has to reach within a minute. */
export function runOfficial(python: string, args: string[], home: string): Promise<Outcome> {
  return finished(spawnOfficial(python, args, home));
}

async function finished(child: Deno.ChildProcess): Promise<Outcome> {
  const guard = setTimeout(() => child.kill("SIGKILL"), LIMIT_MS);
  const { code, stdout, stderr } = await child.output();
  clearTimeout(guard);
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

/** The official client sees an exporter, creates a lease on it, and deletes it. */
export async function checkOfficialClient(python: string): Promise<void> {
  await using rig = await setUp();
  const { controller, client, home } = rig;
  using exporter = new RawExporter(controller, rig.exporter);
  await exporter.start();
  const jmp = async (...args: string[]) => {
    const outcome = await runOfficial(python, [...args, "--client-config", client], home);
    assert.equal(outcome.code, 0, outcome.stderr);
    return outcome.stdout.trim();
  };
  assert.match(await jmp("get", "exporters", "--with", "online"), /board +yes +site=lab/);
  const name = await jmp("create", "lease", "-l", "site=lab", "--duration", "60", "-o", "name");
  assert.equal(controller.store.leases.get(`lab/${name}`)?.exporter, "board");
  assert.match(await jmp("get", "leases", "-o", "yaml"), /status: 'True'\s+type: Ready/);
  await jmp("delete", "leases", name);
  assert.equal(controller.store.leases.get(`lab/${name}`)?.endReason, "Released");
}

/** The official exporter serves the official client through this controller and router. */
export async function checkOfficialExporter(python: string): Promise<void> {
  await using rig = await setUp();
  const { controller, client, home } = rig;
  const run = spawnOfficial(python, ["run", "--exporter-config", rig.config], home);
  try {
    await controller.next("ReportStatus", undefined, LIMIT_MS);
    const args = ["shell", "--client-config", client, "-l", "site=lab", "--"];
    const shell = await runOfficial(python, [...args, "j", "power", "on"], home);
    assert.equal(shell.code, 0, shell.stderr);
    assert.equal((await controller.next("DeleteLease")).index > 0, true);
  } finally {
    run.kill("SIGTERM");
    await finished(run);
  }
  assert.equal((await controller.next("Unregister")).message.reason, "Exporter shutdown");
}

async function setUp() {
  const controller = await TestController.start();
  const exporter = controller.addExporter({ name: "board", labels: { site: "lab" } });
  controller.addClient({ name: "tester" });
  const home = await Deno.makeTempDir({ prefix: "official-" });
  const save = async (name: string, text: string) => {
    await Deno.writeTextFile(`${home}/${name}`, text);
    return `${home}/${name}`;
  };
  return {
    ...{ controller, exporter, home },
    client: await save("client.yaml", controller.clientConfigYaml("tester", { unsafe: true })),
    config: await save("exporter.yaml", controller.exporterConfigYaml("board", POWER)),
    async [Symbol.asyncDispose]() {
      await controller[Symbol.asyncDispose]();
      await Deno.remove(home, { recursive: true });
    },
  };
}
