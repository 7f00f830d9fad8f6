import assert from "node:assert/strict";
import { join } from "node:path";
import { createRegistry } from "../driver/manifest.ts";
import { formatDiagnostic } from "./yaml/diagnostics.ts";
import { loadConfig } from "./load.ts";
import { readToken, tokenFiles } from "./credentials.ts";

async function withDir(test: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "jmp-token-" });
  try {
    await test(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

async function load(file: string, env: Record<string, string> = {}) {
  const loader = { find: () => Promise.resolve(undefined) };
  return await loadConfig(file, { registry: createRegistry([]), loader, env });
}

async function write(file: string, text: string, mode: number): Promise<void> {
  await Deno.writeTextFile(file, text);
  await Deno.chmod(file, mode);
}

Deno.test("readToken() reads a token file anew each time", () =>
  withDir(async (dir) => {
    await write(join(dir, "exporter.yaml"), "tokenFile: token\n", 0o644);
    const { config, diagnostics } = await load(join(dir, "exporter.yaml"));
    assert.deepEqual(diagnostics, []);
    await assert.rejects(
      readToken(config!),
      /^Error: Cannot find the token: expected it in .*token, found no such file/,
    );
    await write(join(dir, "token"), "first\n", 0o600);
    assert.equal(await readToken(config!), "first");
    await write(join(dir, "token"), " second \n", 0o600);
    assert.equal(await readToken(config!), "second");
    await write(join(dir, "token"), "\n", 0o600);
    await assert.rejects(readToken(config!), /Cannot use the token in .*token: .*found nothing/);
  }));

Deno.test("readToken() prefers a systemd credential of the same name", () =>
  withDir(async (dir) => {
    const env = { CREDENTIALS_DIRECTORY: join(dir, "credentials") };
    await Deno.mkdir(env.CREDENTIALS_DIRECTORY);
    const files = tokenFiles("token", join(dir, "exporter.yaml"), env);
    const config = { file: "exporter.yaml", tokenFiles: files };
    await write(join(dir, "token"), "beside", 0o600);
    assert.equal(await readToken(config), "beside");
    await write(join(env.CREDENTIALS_DIRECTORY, "token"), "credential", 0o400);
    assert.equal(await readToken(config), "credential");
    assert.deepEqual(tokenFiles("./token", join(dir, "e.yaml"), env), [join(dir, "token")]);
  }));

Deno.test("readToken() refuses a device and a file that is too large", async () => {
  await assert.rejects(readToken({ file: "exporter.yaml", tokenFiles: ["/dev/zero"] }), {
    message: "Cannot read the token in /dev/zero: it is a device",
  });
  await withDir(async (dir) => {
    await write(join(dir, "token"), "x".repeat(65537), 0o600);
    await assert.rejects(readToken({ file: "exporter.yaml", tokenFiles: [join(dir, "token")] }), {
      message: `Cannot read the token in ${join(dir, "token")}: it is larger than 65536 bytes`,
    });
  });
});

Deno.test("readToken() reports a missing token", async () => {
  await assert.rejects(readToken({ file: "exporter.yaml", tokenFiles: [] }), {
    message: "Cannot find a token: expected 'token' or 'tokenFile' in exporter.yaml or JMP_TOKEN " +
      "in the environment, found neither; ask the controller's administrator for one",
  });
});

Deno.test("loadConfig() warns if all users can read a token in the config", () =>
  withDir(async (dir) => {
    const file = join(dir, "exporter.yaml");
    await write(file, "token: abc\n", 0o644);
    const warning = `${file}:1:1: warning: token: expected only the exporter's user to be ` +
      `able to read the token in ${file}, found mode 0644, which allows it to everybody; ` +
      `run: chmod o= ${file}`;
    assert.deepEqual((await load(file)).diagnostics.map(formatDiagnostic), [warning]);
    assert.deepEqual((await load(file, { JMP_TOKEN: "other" })).diagnostics, []);
    await Deno.chmod(file, 0o640);
    assert.deepEqual((await load(file)).diagnostics, []);
  }));

Deno.test("loadConfig() warns if all users can change a token file", () =>
  withDir(async (dir) => {
    const [file, token] = [join(dir, "exporter.yaml"), join(dir, "token")];
    await write(file, "tokenFile: token\n", 0o644);
    await write(token, "abc\n", 0o602);
    const { diagnostics } = await load(file);
    assert.match(
      formatDiagnostic(diagnostics[0]!),
      /:1:12: warning: tokenFile: .* to change .*0602/,
    );
  }));
