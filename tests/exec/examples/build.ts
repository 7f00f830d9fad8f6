/**
 * Builds the examples of `src/foreign/exec/examples` as their authors would, from the .proto files
 * and pinned tools, and keeps the results in `.cache/` beside the sources.
 *
 * @module
 */
import assert from "node:assert/strict";
import { BUF } from "../../../scripts/gen.ts";

const root = new URL("../../../", import.meta.url).pathname;
const examples = `${root}src/foreign/exec/examples`;

/** The command of the example in Python: with grpcio, in an environment without official packages. */
export async function pythonRelay(): Promise<string[]> {
  const folder = await built("python", async (folder) => {
    const python = Deno.env.get("JMP_TEST_PYTHON") ?? "python3";
    await run([python, "-m", "venv", `${folder}/venv`]);
    const bin = `${folder}/venv/bin/python`;
    await run([bin, "-m", "pip", "install", "--quiet", "-r", "requirements.txt"], folder);
    const protos = ["common", "jumpstarter", "kubernetes", "router"];
    const paths = protos.map((name) => `${root}proto/jumpstarter/v1/${name}.proto`);
    const outputs = ["--python_out=.", "--grpc_python_out=."];
    await run([bin, "-m", "grpc_tools.protoc", "-I", `${root}proto`, ...outputs, ...paths], folder);
  });
  return [`${folder}/venv/bin/python`, `${folder}/relay.py`];
}

/** The command of the example in Go. */
export async function goRelay(): Promise<string[]> {
  const folder = await built("go", async (folder) => {
    const protos = [`${root}proto`, "--path", `${root}proto/jumpstarter/v1`];
    const config = ["--config", `${root}deno.json`];
    await run([Deno.execPath(), "run", "-A", ...config, BUF, "generate", ...protos], folder);
    await run(["go", "build", "-trimpath", "-buildvcs=false", "-o", "relay", "."], folder);
  });
  return [`${folder}/relay`];
}

/** A folder with a copy of the example, which `build` is called for unless it was built before. */
async function built(name: string, build: (folder: string) => Promise<void>): Promise<string> {
  const sources = [`${examples}/${name}`, `${root}proto/jumpstarter/v1`];
  const folder = `${root}.cache/exec-${name}-${await digest(sources)}`;
  // A mark shows that the folder is complete, because a virtual environment cannot be moved.
  const mark = `${folder}/complete`;
  if (await Deno.stat(mark).catch(() => undefined)) return folder;
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  await Deno.mkdir(folder, { recursive: true });
  for await (const { name: file } of Deno.readDir(sources[0]!)) {
    await Deno.copyFile(`${sources[0]}/${file}`, `${folder}/${file}`);
  }
  await build(folder);
  await Deno.writeTextFile(mark, "");
  return folder;
}

async function digest(folders: readonly string[]): Promise<string> {
  const texts: string[] = [];
  for (const folder of folders) {
    for await (const { name } of Deno.readDir(folder)) {
      texts.push(`${name}\n${await Deno.readTextFile(`${folder}/${name}`)}`);
    }
  }
  const bytes = new TextEncoder().encode(texts.sort().join("\0"));
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex().slice(0, 12);
}

async function run([program, ...args]: string[], cwd = root): Promise<void> {
  const { success, stderr } = await new Deno.Command(program!, {
    args,
    cwd,
    // Uses the installed Go, not another version that a module would download.
    env: { GOTOOLCHAIN: "local", GOFLAGS: "-mod=readonly", CGO_ENABLED: "0" },
  }).output();
  assert.ok(success, `${program} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
}
