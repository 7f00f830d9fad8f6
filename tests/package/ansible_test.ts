/**
 * What Ansible shows of a fleet's secrets, whatever goes well or wrong. The role's own tasks run
 * on this host, in a mount namespace with a group of the service; that takes root, as CI has it.
 */
import assert from "node:assert/strict";
import { stringify } from "yaml";
import { makeWheels } from "../../src/foreign/python/install/testing.ts";
import { officialClient } from "../official/environment.ts";

const root = new URL("../../", import.meta.url).pathname;
const roles = `${root}scripts/ansible/roles`;

/** Long enough for a loaded machine; a test that needs it has hung. */
const HANG_MS = 180_000;

/** In every secret, and in nothing else. */
const PLANTED = "planted";

/** All that Ansible can be made to show of a run. */
const ALL = ["-vvv", "--diff"];

interface Exporter {
  readonly name: string;
  readonly token?: string;
  readonly config: unknown;
}

function config(extra: Record<string, unknown>): Record<string, unknown> {
  return {
    apiVersion: "jumpstarter.dev/v1alpha1",
    kind: "ExporterConfig",
    metadata: { namespace: "lab", name: "bench" },
    endpoint: "grpc.example.com:443",
    export: { power: { type: "jumpstarter_driver_power.driver.MockPower" } },
    ...extra,
  };
}

const serial = {
  type: "jumpstarter_driver_pyserial.driver.PySerial",
  config: { url: `socket://${PLANTED}-user:${PLANTED}-password@console:23`, check_present: false },
};

/** Exporters with secrets in each place that they can have. */
const GOOD: readonly Exporter[] = [
  { name: "file", token: `${PLANTED}-file`, config: config({ tokenFile: "token" }) },
  { name: "inline", config: config({ token: `${PLANTED}-inline` }) },
  {
    name: "text",
    config: stringify(config({ token: `${PLANTED}-text`, export: { serial } })),
  },
];

/** A folder that stands for /etc/jumpstarter, and the programs that a run needs. */
class Fleet implements AsyncDisposable {
  readonly dir = Deno.makeTempDirSync({ prefix: "jmp-ansible-" });
  readonly etc = `${this.dir}/etc`;
  readonly #bin: string;

  private constructor(bin: string) {
    this.#bin = bin;
  }

  static async create(): Promise<Fleet> {
    assert.equal(Deno.uid(), 0, "Expected root, as in CI: the role gives files to root");
    const fleet = new Fleet((await officialClient()).bin);
    for (const name of ["exporters", "tokens", "drivers"]) {
      await Deno.mkdir(`${fleet.etc}/${name}`, { recursive: true });
    }
    const program =
      `#!/bin/sh\nexec '${Deno.execPath()}' run -A --no-check --quiet '${root}main.ts' "$@"\n`;
    await Deno.writeTextFile(`${fleet.dir}/jmp`, program, { mode: 0o755 });
    const groups = await Deno.readTextFile("/etc/group");
    await Deno.writeTextFile(`${fleet.dir}/group`, `${groups}\njumpstarter:x:64222:\n`);
    return fleet;
  }

  /** Runs a part of the role, `main.yml` by way of the role itself. */
  async play(
    part: "client.yml" | "configure.yml" | "main.yml" | "python.yml",
    exporters: unknown,
    flags: readonly string[] = ALL,
    vars: Record<string, unknown> = {},
  ): Promise<{ success: boolean; output: string; changed: number }> {
    const play = {
      hosts: "bench",
      gather_facts: false,
      ...(part === "main.yml" ? { roles: [`${roles}/exporter`] } : {
        tasks: [{ "ansible.builtin.import_tasks": `${roles}/exporter/tasks/${part}` }],
        handlers: [{
          name: "Drain and restart exporters",
          "ansible.builtin.debug": { msg: "drained" },
        }],
      }),
    };
    const host = {
      ansible_connection: "local",
      ansible_python_interpreter: `${this.#bin}/python`,
      _jmp_etc: this.etc,
      _jmp_program: `${this.dir}/jmp`,
      _jmp_installed: { stat: { exists: true } },
      jmp_drivers: [],
      jmp_exporters: exporters,
      ...vars,
    };
    await Deno.writeTextFile(
      `${this.dir}/inventory.yml`,
      stringify({ all: { hosts: { bench: host } } }),
    );
    await Deno.writeTextFile(`${this.dir}/play.yml`, stringify([play]));
    const script = `mount --bind '${this.dir}/group' /etc/group && exec "$@"`;
    const { success, stdout, stderr } = await new Deno.Command("unshare", {
      args: [
        ...["--mount", "sh", "-c", script, "sh", `${this.#bin}/ansible-playbook`],
        ...["-i", `${this.dir}/inventory.yml`, `${this.dir}/play.yml`, ...flags],
      ],
      env: {
        ANSIBLE_HOME: this.dir,
        ANSIBLE_LOCAL_TEMP: this.dir,
        ANSIBLE_REMOTE_TEMP: `${this.dir}/remote`,
        ANSIBLE_NOCOLOR: "1",
        ANSIBLE_PIPELINING: "1",
        JMP_PYTHON: `${this.dir}/python`,
        LC_ALL: "C.UTF-8",
      },
      signal: AbortSignal.timeout(HANG_MS),
    }).output();
    const output = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    assert.ok(!output.includes(PLANTED), `A secret was shown:\n${output}`);
    const changed = Number(/\bchanged=(\d+)/.exec(output)?.[1] ?? NaN);
    return { success, output, changed };
  }

  /** What stands in each file below the folder. */
  files(): Map<string, string> {
    const found = new Map<string, string>();
    for (const folder of ["exporters", "tokens"]) {
      for (const { name } of Deno.readDirSync(`${this.etc}/${folder}`)) {
        found.set(`${folder}/${name}`, Deno.readTextFileSync(`${this.etc}/${folder}/${name}`));
      }
    }
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.dir, { recursive: true });
  }
}

Deno.test("Ansible writes configs and tokens without showing any secret of them", async () => {
  await using fleet = await Fleet.create();
  const dry = await fleet.play("configure.yml", GOOD, [...ALL, "--check"]);
  assert.ok(dry.success, dry.output);
  assert.equal(fleet.files().size, 0);

  const first = await fleet.play("configure.yml", GOOD);
  assert.ok(first.success, first.output);
  assert.match(first.output, /drained/);
  const named = /"configs": \[\s*"file",\s*"inline",\s*"text"\s*\],\s*"tokens": \[\s*"file"\s*\]/;
  assert.match(dry.output, named);
  assert.match(first.output, named);
  const files = fleet.files();
  assert.deepEqual([...files.keys()].sort(), [
    "exporters/file.yaml",
    "exporters/inline.yaml",
    "exporters/text.yaml",
    "tokens/file",
  ]);
  assert.equal(files.get("tokens/file"), `${PLANTED}-file\n`);
  assert.match(files.get("exporters/inline.yaml")!, /^token: planted-inline$/m);

  const rotated = GOOD.map((exporter) => ({
    ...exporter,
    ...(exporter.token && { token: `${PLANTED}-anew` }),
  }));
  // A second run changes what has changed, and nothing else.
  const second = await fleet.play("configure.yml", rotated);
  assert.ok(second.success && second.changed === 1, second.output);
  assert.match(second.output, /"configs": \[\],\s*"tokens": \[\s*"file"\s*\]/);
});

Deno.test("Ansible says what is wrong with a config, without its secrets, and keeps the old one", async () => {
  await using fleet = await Fleet.create();
  const old = await fleet.play("configure.yml", GOOD, []);
  assert.ok(old.success, old.output);
  const before = fleet.files();
  const bad: Exporter[] = [
    {
      name: "file",
      token: `${PLANTED}-file`,
      config: { ...config({ tokenFile: "token" }), kind: "X" },
    },
    { name: "inline", config: { ...config({ token: `${PLANTED} and ${PLANTED}` }) } },
    { name: "text", config: `kind: ExporterConfig\ntoken "${PLANTED}-text"\nexport: {}\n` },
    {
      name: "fresh",
      config: { ...config({ token: `${PLANTED}-fresh` }), endpoint: "https://h/x" },
    },
  ];
  const { success, output } = await fleet.play("configure.yml", bad);
  assert.equal(success, false);
  assert.match(output, /Cannot write the config of file: failed to validate/);
  assert.match(output, /file\.yaml:2:7: error: kind: expected .*ExporterConfig/);
  assert.match(
    output,
    /inline\.yaml:10:8: error: token: expected one word of ASCII, found spaces/,
  );
  assert.match(output, /text\.yaml:2:1: error: expected 'key: value', found 'toke …'/);
  assert.match(output, /fresh\.yaml:6:11: error: endpoint: expected host:port, found the scheme/);
  assert.deepEqual(fleet.files(), before);
});

Deno.test("Ansible says what keeps it from writing, and shows no secret for that either", async () => {
  await using fleet = await Fleet.create();
  await Deno.remove(`${fleet.etc}/tokens`);
  const homeless = await fleet.play("configure.yml", GOOD);
  assert.equal(homeless.success, false);
  assert.match(homeless.output, /Cannot write the token of file: Destination directory .*tokens/);
  await Deno.remove(`${fleet.dir}/jmp`);
  await Deno.remove(`${fleet.etc}/exporters`, { recursive: true });
  const lost = await fleet.play("configure.yml", GOOD);
  assert.equal(lost.success, false);
  assert.match(lost.output, /Cannot write the config of text: Destination directory .*exporters/);
});

Deno.test("Ansible shows no secret of arguments that are none", async () => {
  await using fleet = await Fleet.create();
  const wrong = [
    { nam: "a", token: `${PLANTED}-a`, config: config({ token: `${PLANTED}-b` }) },
    { name: "c", tokn: `${PLANTED}-c`, config: config({ token: `${PLANTED}-d` }) },
    { name: "e", token: { is: `${PLANTED}-e` }, config: `token: ${PLANTED}-f` },
    `${PLANTED}-g`,
  ];
  const { success, output } = await fleet.play("main.yml", wrong);
  assert.equal(success, false);
  assert.match(output, /missing required arguments: name found in jmp_exporters/);
  assert.match(output, /jmp_exporters\.tokn/);
  const gone = await fleet.play("main.yml", GOOD, ALL, {
    ansible_connection: "ssh",
    ansible_port: 1,
    ansible_host: "127.0.0.1",
  });
  assert.equal(gone.success, false);
});

Deno.test("Ansible gives the client its name, and leaves another program of that name", async () => {
  await using fleet = await Fleet.create();
  const client = `${fleet.dir}/j`;
  const vars = { _jmp_client: client };
  const dry = await fleet.play("client.yml", [], [...ALL, "--check"], vars);
  assert.ok(dry.success, dry.output);
  await assert.rejects(Deno.lstat(client), Deno.errors.NotFound);
  const first = await fleet.play("client.yml", [], ALL, vars);
  assert.ok(first.success && first.changed === 1, first.output);
  assert.equal(await Deno.readLink(client), "jmp");
  const second = await fleet.play("client.yml", [], ALL, vars);
  assert.ok(second.success && second.changed === 0, second.output);
  await Deno.remove(client);
  await Deno.symlink("/opt/venv/bin/j", client);
  const kept = await fleet.play("client.yml", [], ALL, vars);
  assert.ok(kept.success && kept.changed === 0, kept.output);
  assert.match(kept.output, /\/j is another program, and stays; the client is: jmp j/);
  assert.equal(await Deno.readLink(client), "/opt/venv/bin/j");
});

Deno.test("Ansible installs Python drivers from wheels, and a second run changes nothing", async () => {
  await using fleet = await Fleet.create();
  const wheels = `${fleet.dir}/wheels`;
  await Deno.mkdir(wheels);
  await makeWheels(wheels, [
    { module: "jumpstarter", version: "0.9.3" },
    { module: "jumpstarter_driver_composite", version: "0.9.3" },
    { module: "jumpstarter_driver_shell", version: "0.9.3" },
    { module: "acme_relays", version: "1.0" },
  ]);
  const vars = {
    jmp_python_drivers: ["jumpstarter_driver_shell.driver.Shell", "acme-relays"],
    jmp_python_wheels: wheels,
    _jmp_wheels: `${fleet.dir}/copied`,
  };
  const dry = await fleet.play("python.yml", [], [...ALL, "--check"], vars);
  assert.ok(dry.success, dry.output);
  await assert.rejects(Deno.stat(`${fleet.dir}/python`), Deno.errors.NotFound);

  const first = await fleet.play("python.yml", [], ALL, vars);
  assert.ok(first.success, first.output);
  assert.match(first.output, /drained/);
  assert.match(first.output, /python: installed 4 packages/);
  const second = await fleet.play("python.yml", [], ALL, vars);
  assert.ok(second.success && second.changed === 0, second.output);

  const lost = { ...vars, jmp_python_drivers: ["absent-package"] };
  const third = await fleet.play("python.yml", [], ALL, lost);
  assert.equal(third.success, false);
  assert.match(third.output, /cannot install absent-package: the index has no such package/);
});
