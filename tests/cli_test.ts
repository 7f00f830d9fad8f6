/** The `jmp` command as a process: its output and its exit codes. */
import assert from "node:assert/strict";
import { GOOD, jmp, JmpProcess, withFiles } from "./jmp.ts";

Deno.test("jmp prints help, its version, and what is wrong with an option", async () => {
  assert.match((await jmp(["--help"])).out, /run .*run an exporter/);
  assert.match(
    (await jmp(["version"])).out,
    /^jmp \d+\.\d+\.\d+ \(from sources, (x86_64|aarch64), Deno /,
  );
  const wrong = await jmp(["run", "--exportr", "x"]);
  assert.equal(wrong.code, 2);
  assert.match(wrong.err, /unknown option '--exportr'[^]*--exporter/);
});

Deno.test("jmp shell runs a command with JUMPSTARTER_HOST and ends with its exit code", async () => {
  await withFiles({ "good.yaml": GOOD }, async (dir) => {
    const args = ["shell", "--exporter-config", `${dir}/good.yaml`, "--"];
    const script = 'test -S "$JUMPSTARTER_HOST" && echo "$JUMPSTARTER_HOST"; exit 7';
    const { code, out, err } = await jmp([...args, "sh", "-c", script]);
    assert.equal(code, 7, err);
    const socket = out.trim();
    assert.match(socket, /^\/.*\/socket$/);
    await assert.rejects(Deno.lstat(socket), Deno.errors.NotFound);
    assert.equal((await jmp([...args, "sh", "-c", "kill -TERM $$"])).code, 143);
    const missing = await jmp([...args, "/no/such/program"]);
    assert.equal(missing.code, 127);
    assert.match(missing.err, /cannot run \/no\/such\/program: no such file/);
    const text = await jmp([...args, `${dir}/good.yaml`]);
    assert.equal(text.code, 126);
    assert.match(text.err, /cannot run .*good\.yaml: it is not executable for this user/);
    const other = await jmp([...args, "pytest"], { PATH: dir });
    assert.equal(other.code, 127);
    assert.match(other.err, /cannot find 'pytest' on PATH$/m);
    assert.match(other.err, / pip install jumpstarter-cli jumpstarter-driver-composite /);
  });
});

Deno.test("jmp shell has j and jmp on PATH, where no other is", async () => {
  await withFiles({ "good.yaml": GOOD }, async (dir) => {
    const args = ["shell", "--exporter-config", `${dir}/good.yaml`, "--"];
    const bare = { PATH: dir };
    assert.equal((await jmp([...args, "j", "power", "on"], bare)).code, 0);
    assert.match((await jmp([...args, "jmp", "version"], bare)).out, /^jmp /);
    const mistake = await jmp([...args, "j", "powr", "on"], bare);
    assert.equal(mistake.code, 1);
    assert.match(mistake.err, /No such command 'powr'/);
    const site = await jmp([...args, "sh", "-c", "command -v j"], { PATH: `${dir}:/usr/bin:/bin` });
    const [own] = site.out.trim().split("\n");
    await Deno.writeTextFile(`${dir}/j`, "#!/bin/sh\necho the site\n", { mode: 0o755 });
    const path = `${dir}:/usr/bin:/bin`;
    assert.equal((await jmp([...args, "j"], { PATH: path })).out, "the site\n");
    const native = await jmp([...args, "sh", "-c", "command -v j"], {
      PATH: path,
      JMP_J: "native",
    });
    assert.match(native.out, /\/j\n$/);
    assert.notEqual(native.out, `${dir}/j\n`);
    await assert.rejects(Deno.lstat(own!), Deno.errors.NotFound);
  });
});

Deno.test("the official client's commands are answered with where they belong", async () => {
  for (
    const args of [["get", "exporters"], ["login", "--help"], ["--log-level", "debug", "admin"]]
  ) {
    const { code, out, err } = await jmp(args);
    assert.deepEqual([code, out], [2, ""]);
    assert.match(
      err,
      /^jmp: '(get|login|admin)' is a command of the official client \(pip install/,
    );
  }
  const shell = await jmp(["shell", "--client", "lab", "--", "j", "power", "on"]);
  assert.equal(shell.code, 2);
  assert.match(shell.err, /^jmp: --client is an option of the official client/);
  const help = await jmp(["--help"]);
  assert.equal(help.code, 0);
  assert.match(help.out, /Another program called jmp is the official client[^]*get, login/);
});

Deno.test("jmp sample serves at once and prints how to use it", async () => {
  await using process = new JmpProcess(["sample", "--port", "0"]);
  const address = /127\.0\.0\.1:\d+$/.exec(await process.line(/Serving/))![0];
  const reader = process.child.stdout.getReader();
  const { value } = await reader.read();
  reader.releaseLock();
  assert.match(new TextDecoder().decode(value), new RegExp(`jmp shell --tls-grpc ${address} `));
  assert.equal(await process.end("SIGINT"), 130);
});

Deno.test("jmp licenses says in a checkout that nothing is built in", async () => {
  const { code, out, err } = await jmp(["licenses"]);
  assert.deepEqual([code, out], [1, ""]);
  assert.match(err, /^jmp: Cannot print licenses: only a built program contains them/);
});

Deno.test("what cannot be meant is said with what can", async () => {
  const none = await jmp(["run"], { JMP_CLIENT_CONFIG_HOME: "/nowhere" });
  assert.match(none.err, /jmp: which exporter\? --exporter NAME.* or --exporter-config FILE/);
  const folder = await jmp(["run", "--exporter-config", "/"]);
  assert.match(folder.err, /jmp: cannot read the config '\/': it is a folder/);
  const port = await jmp(["sample", "--port", "abc"]);
  assert.match(port.err, /jmp: --port: expected a number from 0 to 65535, found 'abc'/);
  for (const { code } of [none, folder, port]) assert.equal(code, 1);
});

Deno.test("jmp check names the Python packages that clients need", async () => {
  await withFiles({ "some.yaml": GOOD }, async (dir) => {
    const packages = ["jumpstarter-driver-composite", "jumpstarter-driver-power"];
    const { out } = await jmp(["check", `${dir}/some.yaml`]);
    assert.match(
      out,
      new RegExp(`^ {2}Clients .* need: pip install jumpstarter-cli ${packages.join(" ")}$`, "m"),
    );
    const json = await jmp(["check", "--json", `${dir}/some.yaml`]);
    assert.deepEqual(JSON.parse(json.out)[0].clientPackages, packages);
  });
});

Deno.test("jmp check warns of a token that is missing or empty beside an endpoint", async () => {
  await withFiles({ "some.yaml": "" }, async (dir) => {
    const check = async (controller: string, env: Record<string, string> = {}) => {
      await Deno.writeTextFile(`${dir}/some.yaml`, `${controller}${GOOD}`);
      const { code, out, err } = await jmp(["check", `${dir}/some.yaml`], env);
      assert.equal(code, 0, out);
      return err;
    };
    const found = (line: number) =>
      new RegExp(
        `some\\.yaml:${line}:1: warning: token: expected the token .*found nothing; add 'token'`,
      );
    for (const empty of ['""', "' '", "null", ""]) {
      assert.match(await check(`endpoint: host:1\ntoken: ${empty}\n`), found(2));
    }
    assert.match(await check("endpoint: host:1\n"), found(1));
    assert.equal(await check("endpoint: host:1\n", { JMP_TOKEN: "abc" }), "");
    assert.equal(await check("token: abc\n"), "");
  });
});

Deno.test("jmp check does not accept a config that exports nothing", async () => {
  const other = GOOD.replace(/^export:/m, "drivers:");
  await withFiles({ "other.yaml": other, "empty.yaml": "export: {}\n" }, async (dir) => {
    const reasons = {
      other: /other\.yaml:4:1: error: drivers: expected drivers below 'export:', found them below/,
      empty: /empty\.yaml:1:1: error: export: .*found none/,
    };
    for (const [name, reason] of Object.entries(reasons)) {
      const { code, out, err } = await jmp(["check", `${dir}/${name}.yaml`]);
      assert.equal(code, 1);
      assert.match(err, reason);
      assert.match(out, /usable, with errors/);
    }
  });
});

const MAIN = new URL("../main.ts", import.meta.url).pathname;

/** Runs a command line of bash, in which `jmp` is this program. */
async function bash(script: string): Promise<{ code: number; err: string }> {
  const { code, stderr } = await new Deno.Command("bash", {
    args: ["-c", `jmp() { ${Deno.execPath()} run -A --no-check ${MAIN} "$@"; }; ${script}`],
    stdin: "null",
  }).output();
  return { code, err: new TextDecoder().decode(stderr) };
}

const COMMANDS = [
  "completion bash",
  "config schema",
  "--help",
  "run --help",
  "--version",
];

Deno.test("jmp ends quietly with 141 when nobody reads its output", async () => {
  for (const args of COMMANDS) {
    const ended = await bash(`jmp ${args} | true; exit "\${PIPESTATUS[0]}"`);
    assert.deepEqual(ended, { code: 141, err: "" }, args);
  }
  const both = await bash('jmp run --nope 2>&1 | true; exit "${PIPESTATUS[0]}"');
  assert.deepEqual(both, { code: 2, err: "" });
});

Deno.test("jmp says that its output cannot be written, in one line", async () => {
  for (const args of COMMANDS) {
    const { code, err } = await bash(`jmp ${args} > /dev/full`);
    assert.equal(code, 1, args);
    assert.match(err, /^jmp: cannot write to standard output: No space left on device[^\n]*\n$/);
  }
  assert.deepEqual(await bash("jmp run --nope 2> /dev/full"), { code: 2, err: "" });
  assert.deepEqual(await bash("jmp run --nope 2>&-"), { code: 2, err: "" });
});
