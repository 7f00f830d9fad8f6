/** The Debian package: installed, updated and removed in a minimal Debian. @module */
import assert from "node:assert/strict";
import { attempt, run } from "../../scripts/build/run.ts";
import { inRoot, openRoot } from "./debian.ts";
import { release } from "./release.ts";
import { installTools } from "./tools.ts";

Deno.test("the Debian package", async (t) => {
  await installTools();
  const dist = await release();
  const names = await Array.fromAsync(Deno.readDir(dist), ({ name }) => name);
  const debs = names.filter((name) => name.endsWith(".deb")).sort();
  assert.equal(debs.length, 2);

  for (const deb of debs) {
    await t.step(
      `${deb.replace(/_[\d.]+_/, " for ")} is free of lintian's complaints`,
      async () => {
        const flags = ["--allow-root", "--fail-on", "error,warning"];
        const { success, stdout, stderr } = await attempt(["lintian", ...flags, `${dist}/${deb}`]);
        assert.ok(success, stdout + stderr);
      },
    );
  }

  await t.step("keeps configs when it is installed, updated, removed and purged", async () => {
    await using system = await openRoot("minimal");
    const { dir } = system;
    const amd64 = debs.find((name) => name.includes("amd64"))!;
    await Deno.copyFile(`${dist}/${amd64}`, `${dir}/root/jmp.deb`);
    const inside = (script: string) => run(inRoot(dir, "sh", "-ec", script));
    await inside("dpkg --install /root/jmp.deb");
    assert.match(await inside("jmp version"), /^jmp .*packed/);
    // The installation has unpacked it for all users.
    assert.match(await inside("ls /var/cache/jmp"), /^unpacked-/);
    const doc = "/usr/share/doc/jmp";
    // The file has the components of both machines.
    await inside(
      `jmp licenses | sort -u > /tmp/own && gzip -dc ${doc}/NOTICES.gz | sort -u > /tmp/all; ` +
        "test -s /tmp/own && comm -23 /tmp/own /tmp/all > /tmp/missing && ! grep . /tmp/missing",
    );
    assert.match(await inside(`cat ${doc}/copyright`), /^Files: usr\/bin\/jmp\/ws-/m);
    assert.match(await inside("j --version"), /^j \d/);
    assert.equal(await inside("readlink -f /usr/bin/j"), "/usr/bin/jmp\n");
    const config = "/etc/jumpstarter/exporters/bench.yaml";
    await inside(`mkdir -p $(dirname ${config}) && echo mine > ${config}`);
    await inside("dpkg --install /root/jmp.deb");
    assert.equal(await inside(`cat ${config}`), "mine\n");
    assert.match(await inside("j --version"), /^j \d/);
    await inside("dpkg --remove jmp && ! command -v jmp && ! command -v j && test ! -L /usr/bin/j");
    assert.equal(await inside(`cat ${config}`), "mine\n");
    await inside(
      "mkdir -p /var/lib/jumpstarter/python/bin && echo mine > /var/lib/jumpstarter/mine",
    );
    await inside("dpkg --purge jmp && test ! -e /var/cache/jmp");
    assert.equal(await inside("ls /var/lib/jumpstarter"), "mine\n");
    assert.equal(await inside(`cat ${config}`), "mine\n");
    // Another j of the site stays, whether it is a file or a link.
    for (const make of ["echo another > /usr/bin/j", "ln -s /opt/j /usr/bin/j"]) {
      const before = await inside(`${make}; ls -l /usr/bin/j`);
      assert.match(
        (await attempt(inRoot(dir, "dpkg", "--install", "/root/jmp.deb"))).stderr,
        OTHER,
      );
      await inside("dpkg --install /root/jmp.deb && dpkg --purge jmp");
      assert.equal(await inside("ls -l /usr/bin/j; rm /usr/bin/j"), before);
    }
  });
});

const OTHER = /jmp: \/usr\/bin\/j is another program, and stays; this one's is 'jmp j'/;

Deno.test("install.sh installs a release, and refuses what it must", async () => {
  await installTools();
  const dist = await release();
  await using system = await openRoot("minimal");
  const { dir } = system;
  await run(["cp", "-r", dist, `${dir}/srv/dist`]);
  const inside = (script: string) => attempt(inRoot(dir, "sh", "-ec", script));
  const installed = await inside("/srv/dist/install.sh && jmp version && j --version");
  assert.ok(installed.success, installed.stderr);
  assert.match(installed.stdout, /\/usr\/local\/bin\/jmp: jmp .*packed[^]*\nj \d/);

  await inside("echo damage >> /srv/dist/jmp-linux-amd64");
  assert.match(
    (await inside("/srv/dist/install.sh")).stderr,
    /expected jmp-linux-amd64 with sha256/,
  );
  const machine = (name: string) =>
    inside(
      `printf '#!/bin/sh\\ncase $1 in -s) echo Linux ;; *) echo ${name} ;; esac\\n' ` +
        "> /usr/local/bin/uname; chmod +x /usr/local/bin/uname; /srv/dist/install.sh",
    );
  assert.match((await machine("armv7l")).stderr, /expected x86_64 or aarch64, found armv7l/);
  await inside("rm /usr/local/bin/uname");
  const getconf =
    "printf '#!/bin/sh\\n[ $1 = LONG_BIT ] && echo %s\\n' $1 > /usr/local/bin/getconf";
  const system32 = await inside(
    `set -- 32; ${getconf}; chmod +x /usr/local/bin/getconf; /srv/dist/install.sh`,
  );
  assert.match(system32.stderr, /expected a 64-bit system, found a 32-bit one/);
  const musl = await inside(
    `set -- 64; ${getconf}; chmod +x /usr/local/bin/getconf; /srv/dist/install.sh`,
  );
  assert.match(musl.stderr, /expected glibc, found another C library/);
});
