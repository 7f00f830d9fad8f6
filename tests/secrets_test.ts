/** Secrets, and text of others, in the output of a real `jmp`. */
import assert from "node:assert/strict";
import { stringify } from "yaml";
import type { SessionClient } from "../src/client/session_client.ts";
import { ExporterStatus as Status, LogSource } from "../src/wire/gen/jumpstarter/v1/common.ts";
import type { StatusError } from "../src/wire/grpc/status.ts";
import { TestController } from "./controller/controller.ts";
import { reported, uuidOf } from "./hook_lab.ts";

const root = new URL("../", import.meta.url).pathname;

/** A hang guard, long enough for a busy machine. */
const HANG_MS = 60_000;

const PASSWORD = "planted-password";
const PASSPHRASE = "planted-passphrase";

/** A driver file that reveals the secrets that it can find, and logs its arguments. */
const DRIVER = `
export default ({ defineDriver, withArgs, z }) => defineDriver({
  type: "test.Parrot",
  client: "jumpstarter.client.DriverClient",
  config: z.strictObject({ password: z.string() }),
  open({ config, log }) {
    log.info("in the worker: " + Deno.env.get("JMP_TOKEN") + Deno.env.get("JMP_PASSPHRASE"));
    const { stdout } = new Deno.Command("env", { stdout: "piped" }).outputSync();
    log.info("in a child: " + new TextDecoder().decode(stdout));
    return {
      calls: {
        say: withArgs([z.string()], ([text]) => log.info("a client says " + text)),
        fail() { throw new Error("login as admin:" + config.password + " at http://me:pw@h/?sig=s1g"); },
      },
    };
  },
});
`;

/** Colours as programs use them. */
const RED = "\x1b[01;31m\x1b[Kred\x1b[m\x1b[K";

const HOOK = `env | sort
tr '\\0' '\\n' </proc/$PPID/environ
printf '${RED.replaceAll("\x1b", "\\033")}\\n'
printf 'bell \\007 title \\033]0;owned\\007 clear \\033[2J\\n'
`;

const FORGED = "hi\n2026-01-01T00:00:00.000Z INFO    exporter: forged\x1b[2J\u2028\u202e";

interface Run {
  /** The token, which is in the environment only. */
  readonly token: string;
  /** Lines that the client read, by their source. */
  readonly lines: readonly { readonly message: string; readonly source: LogSource }[];
  /** The error of the failed call. */
  readonly failure: string;
  /** All of standard error. */
  readonly log: string;
}

/** A lease of an exporter with secrets in its environment and config, in each log format. */
async function lease(format: "text" | "json"): Promise<Run> {
  await using controller = await TestController.start();
  const { token } = controller.addExporter({ name: "demo" });
  controller.addClient({ name: "tester" });
  const dir = await Deno.makeTempDir({ prefix: "jmp-secrets-" });
  await using stack = new AsyncDisposableStack();
  stack.defer(() => Deno.remove(dir, { recursive: true }));
  const parrot = { type: "./parrot.js", config: { password: PASSWORD } };
  const hooks = { beforeLease: { script: HOOK } };
  const text = controller.exporterConfigYaml("demo", { parrot }, { hooks });
  assert.ok(text.includes(token));
  await Deno.writeTextFile(`${dir}/parrot.js`, DRIVER, { mode: 0o600 });
  await Deno.writeTextFile(`${dir}/demo.yaml`, text.replace(/^token: .*\n/m, ""), { mode: 0o600 });
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", `${root}main.ts`, "--log-level", "debug", "--log-format", format],
      ...["run", "--exporter-config", `${dir}/demo.yaml`],
    ],
    env: {
      NO_COLOR: "1",
      JMP_TOKEN: token,
      JMP_PASSPHRASE: PASSPHRASE,
      OF_THE_SITE: "stays",
    },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
    signal: AbortSignal.timeout(HANG_MS),
  }).spawn();
  const output = new Response(child.stderr).text();
  const record = controller.lease("demo", "tester");
  await reported(controller, Status.EXPORTER_STATUS_LEASE_READY);
  await using client = await controller.sessionClient(record);
  const { lines, failure } = await use(client);
  child.kill("SIGTERM");
  return { token, lines, failure, log: await output };
}

async function use(client: SessionClient) {
  const uuid = await uuidOf(client, "parrot");
  await client.call(uuid, "say", [FORGED]);
  const failure = await client.call(uuid, "fail")
    .then(() => "", ({ details }: StatusError) => details);
  const lines: Run["lines"][number][] = [];
  for await (const { message, source } of client.logs()) {
    lines.push({ message, source: source! });
    if (message.startsWith("a client says")) break;
  }
  return { lines, failure };
}

/** Characters that must not reach a terminal: controls except colours, and text direction marks. */
// deno-lint-ignore no-control-regex
const STEERING = /(?!\x1b\[[\d;]*[mK])[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]/;

for (const format of ["text", "json"] as const) {
  Deno.test(`jmp run tells neither log (${format}) nor clients its secrets, and neither is steered`, async () => {
    const { token, lines, failure, log } = await lease(format);
    const hook = lines.filter(({ source }) => source === LogSource.LOG_SOURCE_BEFORE_LEASE_HOOK)
      .map(({ message }) => message);
    const driver = lines.filter(({ source }) => source === LogSource.LOG_SOURCE_DRIVER)
      .map(({ message }) => message).join("\n");
    // The official environment of hooks is there.
    for (const name of ["JUMPSTARTER_HOST", "LEASE_NAME", "CLIENT_NAME", "OF_THE_SITE", "PATH"]) {
      assert.ok(hook.some((line) => line.startsWith(`${name}=`)), `${name} is missing`);
    }
    assert.doesNotMatch(driver, /^(?: *\| )?(?:JMP_TOKEN|JMP_PASSPHRASE)=/m);
    // Not inherited: the driver can only find it in /proc.
    assert.deepEqual(
      hook.filter((line) => /^JMP_(?:TOKEN|PASSPHRASE)=/.test(line)).sort(),
      ["JMP_PASSPHRASE=[REDACTED]", "JMP_TOKEN=[REDACTED]"],
    );
    assert.match(driver, /in the worker: undefinedundefined/);
    const clients = [...lines.map(({ message }) => message), failure].join("\n");
    for (const secret of [token, PASSWORD, PASSPHRASE, "me:pw", "s1g"]) {
      assert.ok(!clients.includes(secret), `a client read ${secret}`);
      assert.ok(!log.includes(secret), `the log shows ${secret}`);
    }
    assert.match(
      failure,
      /login as admin:\[REDACTED\] at http:\/\/\[REDACTED\]@h\/\?sig=\[REDACTED\]/,
    );
    // Colours of hooks reach clients; other controls do not.
    assert.ok(hook.includes(RED), JSON.stringify(hook.slice(-3)));
    assert.ok(hook.includes("bell \\x07 title \\x1b]0;owned\\x07 clear \\x1b[2J"));
    assert.doesNotMatch(clients, STEERING);
    assert.match(driver, /^a client says hi\n {2}\| 2026.*forged\\x1b\[2J\\u2028\\u202e$/m);
    if (format === "text") {
      assert.ok(!log.includes("\x1b"));
      for (const line of log.trimEnd().split("\n")) {
        assert.match(line, /^(?:\d{4}-\d\d-\d\dT.*Z [A-Z]+ +(?!exporter: forged)| {2}\| )/);
      }
    } else {
      const said = log.trimEnd().split("\n").map((line) => JSON.parse(line).msg);
      assert.ok(said.includes(`a client says ${FORGED}`));
      assert.ok(said.includes(RED));
    }
    assert.doesNotMatch(log, STEERING);
  });
}

Deno.test("jmp shell gives no secret of the exporter to what it runs", async () => {
  const dir = await Deno.makeTempDir({ prefix: "jmp-secrets-" });
  await using stack = new AsyncDisposableStack();
  stack.defer(() => Deno.remove(dir, { recursive: true }));
  await Deno.writeTextFile(`${dir}/a.yaml`, "export: {}\n");
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", `${root}main.ts`, "shell", "--exporter-config", `${dir}/a.yaml`, "env"],
    env: { JMP_TOKEN: "planted-token", JMP_PASSPHRASE: PASSPHRASE, OF_THE_SITE: "stays" },
    signal: AbortSignal.timeout(HANG_MS),
  }).output();
  const variables = new TextDecoder().decode(stdout);
  assert.match(variables, /^OF_THE_SITE=stays$/m);
  assert.match(variables, /^JUMPSTARTER_HOST=/m);
  assert.doesNotMatch(variables, /planted/);
});

Deno.test("jmp check shows mistakes, and neither secrets nor what steers a terminal", async () => {
  const dir = await Deno.makeTempDir({ prefix: "jmp-secrets-" });
  await using stack = new AsyncDisposableStack();
  stack.defer(() => Deno.remove(dir, { recursive: true }));
  const config = {
    kind: "ExporterConfigX",
    token: "planted-token",
    export: {
      ["a\x1b[2J\nb"]: {
        type: "jumpstarter_driver_pyserial.driver.PySerial",
        config: { url: `/dev/\x1b]0;owned\x07\nforged`, baudrate: "http://me:pw@h" },
      },
    },
  };
  await Deno.writeTextFile(`${dir}/a.yaml`, stringify(config));
  await Deno.writeTextFile(
    `${dir}/b.yaml`,
    stringify({
      ...config,
      kind: "ExporterConfig",
      export: {
        ["a\x1b[2J\nb"]: {
          type: "jumpstarter_driver_pyserial.driver.PySerial",
          config: { url: "/dev/\x1b[2J\nforged: valid" },
        },
      },
    }),
  );
  for (const flags of [[], ["--json"]]) {
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", `${root}main.ts`, "check", ...flags, `${dir}/a.yaml`, `${dir}/b.yaml`],
      env: { NO_COLOR: "1" },
      signal: AbortSignal.timeout(HANG_MS),
    }).output();
    const shown = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    assert.match(shown, /kind: expected .*ExporterConfig.*, found the text .*ExporterConfigX/);
    assert.match(shown, /http:\/\/\[REDACTED\]@h/);
    assert.doesNotMatch(shown, /planted-token|me:pw/);
    assert.doesNotMatch(shown, STEERING);
    assert.ok(!shown.includes("\x1b"));
    assert.doesNotMatch(shown, /^forged/m);
    if (flags.length > 0) assert.equal(JSON.parse(shown).length, 2);
  }
});
