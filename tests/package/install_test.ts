/** install.sh, also among planted links and files; deb.ts installs a release. */
import assert from "node:assert/strict";
import { attempt, run } from "../../scripts/build/run.ts";
import { executableName, targetsOf } from "../../scripts/build/targets.ts";

const script = new URL("../../scripts/install.sh", import.meta.url).pathname;

/** A user that no host has. */
const NEIGHBOUR = "4321";

/** A release of a program that prints its name, and a file that must not change. */
class Site implements AsyncDisposable {
  private constructor(readonly dir: string) {}

  static async open(program = "echo jmp 1.2.3"): Promise<Site> {
    const dir = await Deno.makeTempDir({ prefix: "jmp-install-" });
    await Deno.chmod(dir, 0o755);
    const site = new Site(dir);
    const [target] = targetsOf(Deno.build.arch);
    await Deno.mkdir(`${dir}/dist`);
    await Deno.mkdir(`${dir}/bin`);
    await Deno.mkdir(`${dir}/tmp`);
    const file = `${dir}/dist/${executableName(target!)}`;
    await Deno.writeTextFile(file, `#!/bin/sh\n${program}\n`);
    await run(["sh", "-c", 'cd "$1" && sha256sum jmp-* > checksums.txt', "sh", `${dir}/dist`]);
    await Deno.writeTextFile(`${dir}/victim`, "mine\n");
    return site;
  }

  /** @param folder one more for PATH */
  install(bin = `${this.dir}/bin`, folder = `${this.dir}/tmp`) {
    return attempt(["sh", script, "--from", `${this.dir}/dist`, "--dir", bin], {
      env: { TMPDIR: `${this.dir}/tmp`, PATH: `/usr/bin:/bin:${folder}` },
    });
  }

  /** The files below the site's folder, except the release. */
  async files(): Promise<readonly string[]> {
    const found = await run(["find", ".", "-path", "./dist", "-prune", "-o", "-print"], {
      cwd: this.dir,
    });
    return found.trim().split("\n").sort();
  }

  async victim(): Promise<string> {
    return await Deno.readTextFile(`${this.dir}/victim`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.dir, { recursive: true });
  }
}

Deno.test("install.sh installs into a folder that is made, and leaves nothing else", async () => {
  await using site = await Site.open();
  const { success, stdout, stderr } = await site.install(`${site.dir}/bin/deep/er`);
  assert.ok(success, stderr);
  assert.equal(stdout, `${site.dir}/bin/deep/er/jmp: jmp 1.2.3\n`);
  assert.equal((await Deno.stat(`${site.dir}/bin/deep/er/jmp`)).mode! & 0o7777, 0o755);
  assert.deepEqual(await site.files(), [
    ".",
    "./bin",
    "./bin/deep",
    "./bin/deep/er",
    "./bin/deep/er/j",
    "./bin/deep/er/jmp",
    "./tmp",
    "./victim",
  ]);
});

Deno.test("install.sh writes through no planted link, and into no planted folder", async () => {
  for (const name of ["jmp", ".jmp.new", ".jmp-XXXXXX", "j"]) {
    for (const target of ["../victim", "../elsewhere", "../nowhere"]) {
      await using site = await Site.open();
      await Deno.mkdir(`${site.dir}/elsewhere`);
      await Deno.symlink(target, `${site.dir}/bin/${name}`);
      await run(["chown", "-h", NEIGHBOUR, `${site.dir}/bin/${name}`]);
      const { success, stderr } = await site.install();
      assert.ok(success, stderr);
      assert.equal(await site.victim(), "mine\n");
      assert.ok((await Deno.lstat(`${site.dir}/bin/jmp`)).isFile);
      const elsewhere = (await site.files()).filter((path) => /elsewhere\/|nowhere/.test(path));
      assert.deepEqual(elsewhere, []);
    }
  }
});

Deno.test("install.sh gives the client its name once, and leaves another program of that name", async () => {
  await using site = await Site.open();
  for (let turn = 0; turn < 2; turn++) {
    const { success, stdout, stderr } = await site.install();
    assert.ok(success, stderr);
    assert.equal(stdout, `${site.dir}/bin/jmp: jmp 1.2.3\n`);
    assert.equal(await Deno.readLink(`${site.dir}/bin/j`), "jmp");
  }
  await Deno.remove(`${site.dir}/bin/j`);
  await Deno.writeTextFile(`${site.dir}/bin/j`, "another");
  const kept = await site.install();
  assert.match(kept.stdout, /\/bin\/j is another program, and stays; .*\/bin\/jmp j\n$/);
  assert.equal(await Deno.readTextFile(`${site.dir}/bin/j`), "another");

  await Deno.remove(`${site.dir}/bin/j`);
  await Deno.mkdir(`${site.dir}/venv`);
  await Deno.writeTextFile(`${site.dir}/venv/j`, "#!/bin/sh\n", { mode: 0o755 });
  const found = await site.install(undefined, `${site.dir}/venv`);
  assert.match(found.stdout, /\/venv\/j is another program, and stays/);
  await assert.rejects(Deno.lstat(`${site.dir}/bin/j`), Deno.errors.NotFound);
});

Deno.test("install.sh refuses folders that others can change or lead elsewhere", async () => {
  const places: Record<string, (dir: string) => Promise<string>> = {
    "a neighbour's link to a folder of root": async (dir) => {
      await Deno.symlink("bin", `${dir}/tmp/link`);
      await run(["chown", "-h", NEIGHBOUR, `${dir}/tmp/link`]);
      return `${dir}/tmp/link`;
    },
    "a folder below such a link": async (dir) => {
      await Deno.symlink("../bin", `${dir}/tmp/link`);
      await run(["chown", "-h", NEIGHBOUR, `${dir}/tmp/link`]);
      return `${dir}/tmp/link/new`;
    },
    "a neighbour's folder": async (dir) => {
      await run(["chown", NEIGHBOUR, `${dir}/bin`]);
      return `${dir}/bin`;
    },
    "a folder that all may write": async (dir) => {
      await Deno.chmod(`${dir}/bin`, 0o777);
      return `${dir}/bin`;
    },
    "a link of root's to such a folder": async (dir) => {
      await Deno.chmod(`${dir}/bin`, 0o777);
      await Deno.symlink("bin", `${dir}/link`);
      return `${dir}/link/new`;
    },
  };
  for (const [name, prepare] of Object.entries(places)) {
    await using site = await Site.open();
    const bin = await prepare(site.dir);
    const { success, stdout, stderr } = await site.install(bin);
    assert.ok(!success, `${name}: ${stdout}`);
    assert.match(
      stderr,
      /expected a folder that nobody but root and you can change, found .*\/\w+/,
    );
    assert.deepEqual((await site.files()).filter((path) => path.includes("jmp")), [], name);
  }
});

Deno.test("install.sh leaves the program of before where the new one does not start", async () => {
  await using site = await Site.open("exit 3");
  await Deno.writeTextFile(`${site.dir}/bin/jmp`, "before");
  const { success, stderr } = await site.install();
  assert.ok(!success);
  assert.match(stderr, /jmp-linux-\w+ does not start; see above/);
  assert.equal(await Deno.readTextFile(`${site.dir}/bin/jmp`), "before");
  assert.deepEqual(await site.files(), [".", "./bin", "./bin/jmp", "./tmp", "./victim"]);
});

Deno.test("install.sh uses a file only after its checksum was compared", async () => {
  await using site = await Site.open(`echo started >> ../started`);
  const [target] = targetsOf(Deno.build.arch);
  await Deno.writeTextFile(`${site.dir}/dist/${executableName(target!)}`, "#!/bin/sh\n");
  const { success, stderr } = await site.install();
  assert.ok(!success);
  assert.match(stderr, /expected jmp-linux-\w+ with sha256 [0-9a-f]{64}, found [0-9a-f]{64}/);
  assert.deepEqual(await site.files(), [".", "./bin", "./tmp", "./victim"]);
});
