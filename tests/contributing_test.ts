/** The driver that CONTRIBUTING.md shows, built from its text in a copy of the checkout. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { connectSession } from "../src/client/connect.ts";
import { until } from "./until.ts";

const root = new URL("../", import.meta.url).pathname;

/** The line that the guide adds to a file of the checkout; all other files are new. */
const LIST = "drivers/families.ts";

/** The files that the guide shows, by their paths: a path in bold, then a fence. */
async function shownFiles(): Promise<Map<string, string>> {
  const text = await Deno.readTextFile(`${root}CONTRIBUTING.md`);
  const shown = text.matchAll(/^\*\*`(drivers\/[^`]+)`\*\*\n\n(```+)\w+\n([^]*?)^\2$/gm);
  return new Map(Array.from(shown, ([, path, , code]) => [path!, code!]));
}

/** A copy of the checkout with the files of the guide; disposing removes it. */
class Copy implements AsyncDisposable {
  private constructor(readonly dir: string) {}

  static async make(): Promise<Copy> {
    const copy = new Copy(`${await Deno.makeTempDir({ prefix: "jmp-contributing-" })}/`);
    const list = ["ls-files", "--cached", "--others", "--exclude-standard"];
    const tracked = (await run("git", list, root)).trim().split("\n");
    for (const path of tracked.filter((path) => existsSync(root + path))) {
      await copy.#write(path, await Deno.readFile(root + path));
    }
    for (const [path, code] of await shownFiles()) {
      const before = path === LIST ? await Deno.readTextFile(`${root}${path}`) : "";
      await copy.#write(path, new TextEncoder().encode(before + code));
    }
    return copy;
  }

  async #write(path: string, bytes: Uint8Array): Promise<void> {
    await Deno.mkdir(dirname(`${this.dir}${path}`), { recursive: true });
    await Deno.writeFile(`${this.dir}${path}`, bytes);
  }

  /** Runs Deno in the copy. @returns its output @throws {Error} with its output, if it fails */
  deno(...args: string[]): Promise<string> {
    return run(Deno.execPath(), args, this.dir);
  }

  /** Makes the files known to git. */
  async add(): Promise<void> {
    await run("git", ["init", "--quiet"], this.dir);
    await run("git", ["add", "."], this.dir);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.dir, { recursive: true });
  }
}

async function run(command: string, args: readonly string[], cwd: string): Promise<string> {
  const env = { NO_COLOR: "1" };
  const child = new Deno.Command(command, { args: [...args], cwd, env });
  const { success, stdout, stderr } = await child.output();
  const [out, error] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  if (!success) throw new Error(`${command} ${args.join(" ")} failed:\n${out}${error}`);
  return out!;
}

/** A device that the guide's driver switches. */
function device(asked: string[]) {
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const { pathname, search } = new URL(request.url);
    asked.push(pathname + search);
    return Response.json({ was_on: false, voltage: 12, current: 0.25 });
  });
}

/** Serves a config in the copy, for a client on a Unix socket. Disposing it ends the exporter. */
async function serve(copy: Copy, config: string) {
  const path = `${copy.dir}socket`;
  const exporter = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "main.ts", "run", `--exporter-config=${config}`, `--listen=unix:${path}`],
    cwd: copy.dir,
    stdout: "null",
    stderr: "inherit",
  }).spawn();
  const end = async () => {
    exporter.kill("SIGTERM");
    await exporter.status;
  };
  try {
    await until(() => existsSync(path), STARTS_MS);
    const client = await connectSession({ kind: "unix", path });
    const { reports } = await client.report();
    const uuidOf = (name: string) =>
      reports.find(({ labels }) => labels["jumpstarter.dev/name"] === name)!.uuid;
    const dispose = async () => {
      await client[Symbol.asyncDispose]();
      await end();
    };
    return { client, uuidOf, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Longest start of an exporter on a busy machine, in ms. */
const STARTS_MS = 60_000;

Deno.test("the driver that CONTRIBUTING.md shows fits the house and passes its own tests", async () => {
  await using copy = await Copy.make();
  const family = dirname([...await shownFiles()][0]![0]);
  await copy.deno("fmt", "--check", "--quiet", family);
  await copy.deno("lint", "--quiet", family);
  await copy.deno("test", "-A", family);
  const held = "--filter=/no room imports|import each other|every driver folder|official types/";
  assert.match(
    await copy.deno("test", "-A", "--no-check", held, "tests/house_test.ts"),
    /4 passed/,
  );
  assert.match(await copy.deno("test", "-A", "--no-check", "tests/manifests_test.ts"), / passed/);
  await copy.add();
  assert.match(await copy.deno("test", "-A", "--no-check", "tests/documents_test.ts"), /5 passed/);
});

Deno.test("the driver that CONTRIBUTING.md shows switches a device for a client of a session", async () => {
  await using copy = await Copy.make();
  const asked: string[] = [];
  await using server = device(asked);
  const [samplePath] = [...await shownFiles()].find(([path]) => path.endsWith("sample.yaml"))!;
  const sample = await Deno.readTextFile(`${copy.dir}${samplePath}`);
  const url = `http://127.0.0.1:${server.addr.port}`;
  await Deno.writeTextFile(`${copy.dir}exporter.yaml`, sample.replace(/http:.*/, url));
  const checked = await copy.deno("run", "-A", "main.ts", "check", "exporter.yaml");
  assert.match(checked, /^ {2}power .* ok$/m);
  await using session = await serve(copy, "exporter.yaml");
  const { client, uuidOf } = session;
  const uuid = uuidOf("power");
  asked.length = 0;
  await client.call(uuid, "on");
  await client.call(uuid, "off");
  assert.deepEqual(asked, ["/rpc/Switch.Set?id=0&on=true", "/rpc/Switch.Set?id=0&on=false"]);
  const readings = await Array.fromAsync(client.stream(uuid, "read"));
  assert.deepEqual(readings, [{ voltage: 12, current: 0.25 }]);
});
