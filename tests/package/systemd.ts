/** A host with systemd, provisioned over ssh: the life of a fleet. @module */
import assert from "node:assert/strict";
import { parse, stringify } from "yaml";
import { run } from "../../scripts/build/run.ts";
import { ExporterStatus } from "../../src/wire/gen/jumpstarter/v1/common.ts";
import { TestController } from "../controller/controller.ts";
import { key } from "../controller/records.ts";
import { until } from "../until.ts";
import { EXPORT } from "../faults/lab.ts";
import { OfficialClient } from "../faults/official_client.ts";
import { officialClient } from "../official/environment.ts";
import { provision } from "./fleet.ts";
import { Host } from "./host.ts";
import { nextRelease, release } from "./release.ts";
import { installTools } from "./tools.ts";
import { checkUnit, prepareUnit, unitConfig } from "./within_unit.ts";

/** A hang guard. */
const SOON_MS = 60_000;

/** A controller on this machine, and the site's files for the exporter `demo`. */
class Lab implements AsyncDisposable {
  private constructor(readonly controller: TestController, readonly dir: string) {}

  static async open(): Promise<Lab> {
    const controller = await TestController.start();
    controller.addExporter({ name: "demo" });
    controller.addExporter({ name: "unit" });
    controller.addClient({ name: "tester" });
    return new Lab(controller, await Deno.makeTempDir({ prefix: "jmp-lab-" }));
  }

  /** The config without its token, which the role and `jmp@.service` keep in a file. */
  exporters(): { name: string; config: string; token: string }[] {
    return [{ name: "demo", ...this.exporter("demo", { export: EXPORT }) }];
  }

  exporter(name: string, more: Record<string, unknown>): { config: string; token: string } {
    const { token, ...config } = parse(this.controller.exporterConfigYaml(name, EXPORT));
    return { config: stringify({ ...config, tokenFile: "token", ...more }), token };
  }

  async client(exporter = "demo"): Promise<OfficialClient> {
    const config = `${this.dir}/client.yaml`;
    await Deno.writeTextFile(config, this.controller.clientConfigYaml("tester", { unsafe: true }));
    return await OfficialClient.start(this.dir, config, exporter);
  }

  /** Waits until the exporter can be leased. */
  available(exporter = "demo"): Promise<void> {
    return this.#reaches(ExporterStatus.EXPORTER_STATUS_AVAILABLE, exporter);
  }

  leaseReady(): Promise<void> {
    return this.#reaches(ExporterStatus.EXPORTER_STATUS_LEASE_READY);
  }

  async #reaches(status: ExporterStatus, exporter = "demo"): Promise<void> {
    const record = this.controller.store.exporters.get(key("lab", exporter))!;
    await until(() => record.status === status && record.streams > 0, SOON_MS);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.controller[Symbol.asyncDispose]();
    await Deno.remove(this.dir, { recursive: true });
  }
}

/** Fills a folder with the wheels of the official packages of {@linkcode EXPORT}. */
async function downloadWheels(folder: string): Promise<void> {
  const { bin } = await officialClient();
  const names = ["composite", "network", "power"].map((name) => `jumpstarter-driver-${name}`);
  const packages = ["jumpstarter", ...names].map((name) => `${name}==0.9.0`);
  // For the host's Python, whatever this machine has.
  const options = ["--only-binary=:all:", "--python-version=3.11", "--dest", folder];
  await run([`${bin}/python`, "-m", "pip", "download", "--quiet", ...options, ...packages], {
    timeoutMs: 600_000,
  });
}

const show = (property: string) => `systemctl show --value -p ${property} jmp@demo`;

/** Waits until a process other than `old` is ready. */
async function restarted(host: Host, old: string): Promise<void> {
  await host.until(
    `[ "$(${show("MainPID")})" != ${old} ] && [ "$(${show("ActiveState")})" = active ]`,
  );
}

Deno.test("a host with systemd", async (t) => {
  /** Each step builds on the previous ones. */
  const step = async (name: string, run: () => Promise<void>) => {
    if (await t.step(name, run)) return;
    const { stdout } = await host.attempt("journalctl --no-pager -n 60 -u 'jmp@*'");
    throw new Error(`Cannot go on: ${name}; the exporter's journal ends with:\n${stdout}`);
  };
  await installTools();
  const source = await release();
  await using lab = await Lab.open();
  await using host = await Host.boot();
  const variables = { jmp_source: source, jmp_exporters: lab.exporters() };

  await step("a dry run says what would be done, and does nothing", async () => {
    const { changed, failed, output } = await provision(host, variables, ["--check"]);
    assert.equal(failed, 0, output);
    assert.ok(changed > 0, output);
    assert.equal((await host.attempt("test -e /usr/local/bin/jmp")).success, false);
    assert.equal((await host.attempt("test -L /usr/local/bin/j")).success, false);
  });

  await step("is provisioned over ssh, and the second run changes nothing", async () => {
    const first = await provision(host, variables);
    assert.equal(first.failed, 0, first.output);
    assert.ok(first.changed > 0, first.output);
    const second = await provision(host, variables);
    assert.equal(second.failed, 0, second.output);
    assert.equal(second.changed, 0, second.output);
    assert.match(await host.run("j --version"), /^j \d/);
  });

  await step("serves an official client, as a user without rights", async () => {
    await lab.available();
    await using client = await lab.client();
    await client.lease();
    await client.works();
    assert.match(await host.run(show("StatusText")), /^Leased by tester since .* \(lease /);
    await client.release();
    await lab.available();
    assert.equal(await host.run(`ps -o user= -p $(${show("MainPID")})`), "jumpstarter");
    await host.until(`${show("StatusText")} | grep "^Available as lab/demo at "`);
  });

  await step("lets root and a group use the exporter on the host, and nobody else", async () => {
    await host.run("useradd pi && usermod -aG jumpstarter-users pi && useradd eve");
    const socket = "/run/jumpstarter/demo/lab.demo.sock";
    const owner = await host.run(`stat -c '%A %U %G' ${socket}`);
    assert.equal(owner, "srw-rw---- jumpstarter jumpstarter-users");
    await host.run("j --exporter demo power on");
    await host.run("runuser -u pi -- j --exporter lab/demo power off");
    await host.run(`journalctl -u jmp@demo | grep 'local user pi (uid [0-9]*) calls power.off'`);
    const eve = await host.attempt("runuser -u eve -- j --exporter demo power on");
    assert.equal(eve.success, false);
    assert.equal(
      eve.stderr.trim(),
      `Error: Cannot connect to ${socket}: only root, jumpstarter and the group jumpstarter-users ` +
        'may use this exporter: sudo usermod -aG jumpstarter-users "$USER", and log in again',
    );
    await lab.available();
    assert.equal(
      (await host.attempt("runuser -u pi -- cat /etc/jumpstarter/exporters/demo.yaml")).success,
      false,
    );
  });

  await step(
    "refuses a second process of the exporter, and names the unit of the first",
    async () => {
      const second = await host.attempt("jmp run --exporter demo 2>&1; echo code $?");
      assert.match(
        second.stdout,
        /lab\/demo is already running on this host.* of jmp@demo\.service, since/,
      );
      assert.match(
        second.stdout,
        /stop that one first: systemctl stop 'jmp@demo\.service'\ncode 75\n?$/,
      );
      await lab.available();
    },
  );

  await step("drives hardware and runs hooks within what the unit allows", async () => {
    const { config, token } = lab.exporter("unit", unitConfig(await prepareUnit(host)));
    const etc = `${host.root}/etc/jumpstarter`;
    await Deno.writeTextFile(`${etc}/exporters/unit.yaml`, config);
    await Deno.writeTextFile(`${etc}/tokens/unit`, token);
    await host.run("chgrp jumpstarter /etc/jumpstarter/exporters/unit.*; systemctl start jmp@unit");
    await lab.available("unit");
    await using client = await lab.client("unit");
    await client.lease();
    await client.works();
    await client.release();
    await lab.available("unit");
    await checkUnit(host);
    await host.run("systemctl stop jmp@unit echo-pty");
    await host.run("rm /etc/jumpstarter/exporters/unit.* /etc/jumpstarter/tokens/unit");
  });

  await step(
    "hosts the Python drivers that Ansible installs, within what the unit allows",
    async () => {
      const hosted = Object.entries(EXPORT).map((
        [name, entry],
      ) => [name, { ...entry, python: true }]);
      const demo = lab.exporter("demo", { export: Object.fromEntries(hosted) });
      await downloadWheels(`${host.root}/srv/wheels`);
      const settings = "[install]\nno-index = true\nfind-links = /srv/wheels\n";
      await Deno.writeTextFile(`${host.root}/etc/pip.conf`, settings);
      const hosting = {
        ...variables,
        jmp_exporters: [{ name: "demo", ...demo }],
        jmp_python_drivers: "auto",
      };
      const first = await provision(host, hosting);
      assert.equal(first.failed, 0, first.output);
      const second = await provision(host, hosting);
      assert.equal(second.failed + second.changed, 0, second.output);
      assert.equal(
        await host.run('jmp check --exporter demo --json | grep -c \'"state": "ok"\''),
        "2",
      );
      await lab.available();
      await using client = await lab.client();
      await client.lease();
      await client.works();
      await host.run("pgrep -u jumpstarter -f '^/var/lib/jumpstarter/python/bin/python'");
      await client.release();
      await lab.available();
      // Root runs the environment as well.
      const replace = "setpriv --reuid=jumpstarter --regid=jumpstarter --init-groups " +
        "mv /var/lib/jumpstarter/python /var/lib/jumpstarter/mine";
      assert.match((await host.attempt(replace)).stderr, /Operation not permitted/);
    },
  );

  await step("refuses a config with mistakes, and keeps the one before", async () => {
    const [exporter] = lab.exporters();
    const config = exporter!.config.replace("MockPower", "MockPowr");
    const broken = {
      ...variables,
      jmp_exporters: [{ ...exporter, config: `${config}\nexport: 1` }],
    };
    const { failed, output } = await provision(host, broken);
    assert.equal(failed, 1, output);
    assert.ok((await host.run("cat /etc/jumpstarter/exporters/demo.yaml")).includes("MockPower\n"));
  });

  await step(
    "is updated inside a lease without a break, and runs the update after it",
    async () => {
      await using client = await lab.client();
      await client.lease();
      await client.works();
      const old = await host.run(show("MainPID"));
      const update = { ...variables, jmp_source: await nextRelease() };
      const { failed, changed, output } = await provision(host, update);
      assert.equal(failed, 0, output);
      assert.ok(changed > 0, output);
      assert.match(await host.run("jmp version"), /the next release/);
      await client.works();
      assert.equal(await host.run(show("MainPID")), old);
      await client.release();
      await restarted(host, old);
      await lab.available();
      const unpacked = "ls -d /var/cache/jmp/unpacked-*";
      const exe = await host.run(`readlink /proc/$(${show("MainPID")})/exe`);
      assert.ok((await host.run(`grep -l 'next release' ${unpacked.slice(6)}/src/cli/main.js`))
        .includes(exe.replace(/\/jmp$/, "")));
    },
  );

  await step("a killed process is started again and serves the same lease", async () => {
    await using client = await lab.client();
    await client.lease();
    await client.works();
    const old = await host.run(show("MainPID"));
    await host.run(`kill -KILL ${old}`);
    await restarted(host, old);
    await client.works();
    await client.release();
    await lab.available();
  });

  await step("a wedged process is started again by the watchdog", async () => {
    await host.run(
      "mkdir -p /etc/systemd/system/jmp@.service.d && " +
        "printf '[Service]\\nWatchdogSec=10\\n' > /etc/systemd/system/jmp@.service.d/test.conf && " +
        "systemctl daemon-reload && systemctl restart jmp@demo",
    );
    await lab.available();
    const old = await host.run(show("MainPID"));
    await host.run(`kill -STOP ${old}`);
    await restarted(host, old);
    assert.match(await host.run("journalctl -u jmp@demo --no-pager"), /[Ww]atchdog timeout/);
    await lab.available();
  });

  await step("is taken away but for configs and tokens", async () => {
    const { failed, output } = await provision(host, { jmp_state: "absent" });
    assert.equal(failed, 0, output);
    const gone = [
      "/usr/local/bin/jmp",
      "/usr/local/bin/j",
      "/var/cache/jmp",
      "/var/lib/jumpstarter/python",
      "/etc/systemd/system/jmp@.service",
    ];
    for (const path of gone) {
      assert.equal((await host.attempt(`test -e ${path} -o -L ${path}`)).success, false);
    }
    await host.run(
      "test -e /etc/jumpstarter/exporters/demo.yaml -a -e /etc/jumpstarter/tokens/demo",
    );
  });

  await step("serves again from the Debian package, by the README's commands", async () => {
    const names = await Array.fromAsync(Deno.readDir(source), ({ name }) => name);
    const deb = names.find((name) => name.endsWith("_amd64.deb"))!;
    await Deno.copyFile(`${source}/${deb}`, `${host.root}/root/${deb}`);
    await host.run("rm -r /etc/systemd/system/jmp@.service.d");
    await host.run(`cd /root && apt-get install -y ./${deb}`);
    await host.run("jmp check --exporter demo");
    await host.run("systemctl enable --now jmp@demo");
    await lab.available();
    await using client = await lab.client();
    await client.lease();
    await client.works();
    const old = await host.run(show("MainPID"));
    await host.run(`apt-get install -y --reinstall /root/${deb}`);
    await client.works();
    assert.equal(await host.run(show("MainPID")), old);
    await client.release();
    await restarted(host, old);
    await lab.available();
  });
});
