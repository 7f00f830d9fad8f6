/** The packed file starts no program that somebody else could have changed. @module */
import assert from "node:assert/strict";
import { run } from "../../scripts/build/run.ts";
import type { Artefact } from "./artefact.ts";
import { plantProgram } from "./planted.ts";

/** Users that no host has. */
const USER = 1234;
const NEIGHBOUR = 4321;

/** A folder that a neighbour prepared, and the expected refusal; none if it is acceptable. */
interface Place {
  readonly name: string;
  /** Prepares `dir`, perhaps with a copy of the program. @returns the cache to use */
  readonly prepare: (dir: string, copy: (to: string) => Promise<string>) => Promise<string>;
  readonly refused: RegExp;
}

const PLACES: readonly Place[] = [
  {
    name: "a folder that all may write, and a program in it of a neighbour",
    async prepare(dir, copy) {
      await run(["chown", "-R", `${NEIGHBOUR}`, await copy(dir)]);
      await Deno.chmod(dir, 0o1777);
      return dir;
    },
    refused: /can change \S+, found that it belongs to uid 4321 and has the mode drwx/,
  },
  {
    name: "a folder of a neighbour",
    async prepare(dir, copy) {
      await copy(dir);
      await run(["chown", "-R", `${NEIGHBOUR}`, dir]);
      return dir;
    },
    refused: /can change \S+, found that it belongs to uid 4321/,
  },
  {
    name: "a folder of ours in one that all may write",
    async prepare(dir) {
      await Deno.mkdir(`${dir}/own`);
      await Deno.chmod(dir, 0o777);
      return `${dir}/own`;
    },
    refused: /can change \S+, found that it belongs to uid 0 and has the mode drwxrwxrwx/,
  },
  {
    name: "a folder that the group may write",
    async prepare(dir) {
      await Deno.chmod(dir, 0o770);
      return dir;
    },
    refused: /found that it belongs to uid 0 and has the mode drwxrwx---/,
  },
  {
    name: "a link",
    async prepare(dir) {
      await Deno.mkdir(`${dir}/elsewhere`);
      await Deno.symlink("elsewhere", `${dir}/link`);
      return `${dir}/link`;
    },
    refused: /link: it is a link/,
  },
  {
    name: "what a neighbour's link leads to",
    async prepare(dir) {
      await Deno.mkdir(`${dir}/elsewhere`);
      await Deno.symlink("elsewhere", `${dir}/link`);
      await run(["chown", "-h", `${NEIGHBOUR}`, `${dir}/link`]);
      return `${dir}/link/cache`;
    },
    refused: /can change \S+\/link, found that it belongs to uid 4321 and has the mode lrwx/,
  },
];

/** The steps; they need root to act as several users. */
export async function believesNobody(t: Deno.TestContext, artefact: Artefact): Promise<void> {
  const [name] = artefact.unpacked().filter((name) => name.startsWith("unpacked-0.1."));
  const copyInto = async (to: string) => {
    await run(["cp", "-r", `${artefact.cache}/${name}`, to]);
    await plantProgram(`${to}/${name}`);
    return `${to}/${name}`;
  };
  const folder = async (path: string, mode = 0o755) => {
    await Deno.mkdir(`${artefact.dir}/${path}`, { recursive: true });
    await Deno.chmod(`${artefact.dir}/${path}`, mode);
    return `${artefact.dir}/${path}`;
  };

  for (const [index, place] of PLACES.entries()) {
    await t.step(`refuses ${place.name}, and says so`, async () => {
      const cache = await place.prepare(await folder(`place-${index}`), copyInto);
      const { code, out, err } = await artefact.run(["version"], { cache });
      assert.deepEqual([code, out], [1, ""], err);
      assert.match(err, place.refused);
      assert.match(err, /another one in JMP_CACHE_DIR/);
    });
  }

  await t.step("puts a program right that others may write", async () => {
    const dir = await folder("mended");
    await Deno.chmod(`${await copyInto(dir)}/main.js`, 0o666);
    const { code, out, err } = await artefact.run(["version"], { cache: dir });
    assert.match(out, /^jmp /, err);
    assert.equal(code, 0);
    assert.match(err, /main\.js, found .* -rw-rw-rw-/);
    assert.equal((await artefact.run(["version"], { cache: dir })).err, "");
  });

  await t.step(
    "goes by links of root's, and by names that shells and find take for more",
    async () => {
      const dir = await folder("real [a]* -name x");
      await Deno.symlink(dir, `${artefact.dir}/by-root`);
      for (const cache of [`${artefact.dir}/by-root/deep/er`, "real [a]* -name x/relative//"]) {
        for (const _ of [1, 2]) {
          const { out, err } = await artefact.run(["version"], { cache });
          assert.match(out, /^jmp /, err);
          assert.equal(err, "");
        }
      }
      const made = await Array.fromAsync(Deno.readDir(`${dir}/deep/er`), ({ name }) => name);
      assert.deepEqual(made, [name]);
      assert.equal((await Deno.stat(`${dir}/deep`)).mode! & 0o777, 0o700);
    },
  );

  await t.step(
    "starts for a user whose every folder is taken, each time from the same",
    async () => {
      const tmp = await folder("taken", 0o1777);
      await Deno.mkdir(`${tmp}/jmp-${USER}`);
      await copyInto(`${tmp}/jmp-${USER}`);
      await run(["chown", "-R", `${NEIGHBOUR}`, `${tmp}/jmp-${USER}`]);
      const script = `mkdir -p /var/cache/jmp
for dir in /var/cache/jmp /var/tmp /dev/shm; do mount -t tmpfs -o mode=755 none $dir; done
mount --bind "$1" /tmp
exec setpriv --reuid=${USER} --regid=${USER} --clear-groups env -i PATH=/usr/bin:/bin "$2" version`;
      const homes = () => Array.from(Deno.readDirSync(tmp), ({ name }) => name).sort();
      // Inside /tmp is another folder, so the file is mounted there, too.
      const file = `${tmp}/jmp`;
      await Deno.copyFile(artefact.file, file);
      const start = () =>
        artefact.command(["unshare", "--mount", "sh", "-c", script, "sh", tmp, "/tmp/jmp"], {});
      const first = await start();
      assert.match(first.out, /^jmp /, first.err);
      assert.match(
        first.err,
        /\/tmp\/jmp-1234: expected that nobody but root and uid 1234 can change/,
      );
      const [, , own] = homes();
      assert.match(own!, /^jmp-1234\.\w{6}$/);
      assert.equal((await Deno.stat(`${tmp}/${own}`)).mode! & 0o7777, 0o700);
      assert.match((await start()).out, /^jmp /);
      assert.deepEqual(homes(), ["jmp", "jmp-1234", own]);
    },
  );

  await t.step("starts in a namespace of users, where root is nobody", async () => {
    const dir = await folder("namespace");
    await run(["chown", `${USER}`, dir]);
    const user = ["setpriv", `--reuid=${USER}`, `--regid=${USER}`, "--clear-groups"];
    const command = [...user, "unshare", "--user", "--map-root-user", artefact.file, "version"];
    for (const _ of [1, 2]) {
      const { out, err } = await artefact.command(command, { JMP_CACHE_DIR: dir });
      assert.match(out, /^jmp /, err);
    }
  });

  await t.step("starts in a folder that its user cannot enter, as after sudo -u", async () => {
    const [cache, closed] = [await folder("cache-of-user"), await folder("closed")];
    await run(["chown", `${USER}`, cache]);
    await Deno.chmod(closed, 0o700);
    const user = ["setpriv", `--reuid=${USER}`, `--regid=${USER}`, "--clear-groups"];
    const command = ["sh", "-c", 'cd "$0" && exec "$@"', closed, ...user, artefact.file, "version"];
    for (const _ of [1, 2]) {
      const { out, err } = await artefact.command(command, { JMP_CACHE_DIR: cache });
      assert.match(out, /^jmp /, err);
    }
  });

  await t.step("runs no code, debugger or flag that the environment names", async () => {
    const evil = `${artefact.dir}/evil.cjs`;
    await Deno.writeTextFile(evil, 'console.error("PLANTED");');
    for (
      const env of [
        { NODE_OPTIONS: `--require ${evil}` },
        { NODE_OPTIONS: `--import ${evil}` },
        { NODE_OPTIONS: "--inspect=127.0.0.1:0" },
        { DENO_V8_FLAGS: "--no-such-flag" },
        { DENO_COVERAGE_DIR: `${artefact.dir}/coverage` },
        { DENO_CACHE_LSC_ENDPOINT: "http://127.0.0.1:1/" },
        { DENO_DIR: "/nowhere" },
        { NODE_UNIQUE_ID: "1" },
        { NODE_PATH: artefact.dir },
      ]
    ) {
      const { code, out, err } = await artefact.run(["version"], { env });
      assert.deepEqual([code, err], [0, ""], JSON.stringify(env));
      assert.match(out, /^jmp /);
    }
    await assert.rejects(Deno.stat(`${artefact.dir}/coverage`));
  });

  await t.step("uses the system's tools, and leaves PATH to what it runs", async () => {
    const bin = await folder("bin");
    for (const tool of ["find", "id", "ls", "sha256sum", "tar", "gzip", "mktemp", "uname"]) {
      await Deno.writeTextFile(`${bin}/${tool}`, "#!/bin/sh\necho PLANTED >&2\nexit 1\n", {
        mode: 0o755,
      });
    }
    const env = { PATH: `${bin}:/usr/bin:/bin` };
    const cache = await folder("tools");
    for (const _ of [1, 2]) {
      assert.equal((await artefact.run(["version"], { cache, env })).err, "");
    }
    const config = `${artefact.dir}/path.yaml`;
    await Deno.writeTextFile(config, CONFIG);
    const shell = ["shell", "--exporter-config", config, "--", "/usr/bin/env"];
    const { out, err } = await artefact.run(shell, { env });
    // Followed by the folders with its own commands: the unpacked one, and links to the file.
    const [line = ""] = out.split("\n").filter((line) => line.startsWith("PATH="));
    assert.match(line.replace(`PATH=${env.PATH}:`, ""), /^\/[^:]*\/bin:\/[^:]*$/, out + err);
  });
}

const CONFIG = `apiVersion: jumpstarter.dev/v1alpha1
kind: ExporterConfig
metadata: { namespace: default, name: bench }
export:
  power: { type: jumpstarter_driver_power.driver.MockPower }
`;
