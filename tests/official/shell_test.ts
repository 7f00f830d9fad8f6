import assert from "node:assert/strict";
import { succeeds } from "./client.ts";
import { jmp } from "./exporter.ts";
import { openSite, type Site } from "./site.ts";
import { standaloneConfig } from "./transports.ts";

const TREE = {
  power: { type: "jumpstarter_driver_power.driver.MockPower" },
  custom: { type: "vendorpackage.CustomDriver", config: { hello: "world" } },
};

/** Runs our own `jmp shell` with a command in it. */
async function shell(site: Site, ...command: string[]) {
  const file = await site.write("local.yaml", standaloneConfig(TREE));
  const argv = jmp("shell", "--exporter-config", file, "--", ...command);
  return site.client.run(argv, { env: { ...site.env, XDG_RUNTIME_DIR: site.dir } });
}

Deno.test("our jmp shell gives the official j an exporter of its own", async () => {
  await using site = await openSite();
  const script = 'j power on && j power read && j custom read && echo "host=$JUMPSTARTER_HOST"';
  const output = await succeeds(shell(site, "sh", "-ec", script));
  assert.match(output, /voltage=5\.0 V/);
  assert.match(output, /voltage=12\.0 V/);
  const [, socket] = /^host=(.*)$/m.exec(output) ?? [];
  assert.ok(socket?.startsWith(`${site.dir}/jmp-`), `it is ${socket}`);
  const left = await Array.fromAsync(Deno.readDir(site.dir));
  assert.deepEqual(left.filter(({ name }) => name.startsWith("jmp-")), []);
});

Deno.test("our jmp shell passes the exit code on", async () => {
  await using site = await openSite();
  assert.equal((await shell(site, "sh", "-c", "exit 7")).code, 7);
  assert.equal((await shell(site, "sh", "-c", "kill -9 $$")).code, 137);
});

Deno.test("the official j works beside a degraded shell, and says why that one is", async () => {
  await using site = await openSite();
  const broken = {
    type: "jumpstarter_driver_shell.driver.Shell",
    config: { uuid: "not one", methods: { ls: "ls" } },
  };
  const file = await site.write("broken.yaml", standaloneConfig({ ...TREE, broken }));
  const run = (...command: string[]) =>
    site.client.run(jmp("shell", "--exporter-config", file, "--", ...command), {
      env: { ...site.env, XDG_RUNTIME_DIR: site.dir },
    });
  assert.match(await succeeds(run("j", "power", "read")), /voltage=5\.0 V/);
  assert.match(await succeeds(run("j", "broken", "--help")), /^ {2}ls /m);
  const { code, stderr } = await run("j", "broken", "ls");
  assert.notEqual(code, 0);
  assert.match(stderr, /driver 'broken' is not available: its config has an error in line \d+/);
});
