import assert from "node:assert/strict";
import { NEIGHBOUR, neighbour, testFolder } from "../files/testing.ts";
import { distrustedFiles } from "./config_trust.ts";

const look = (file: string, tokenFiles: string[] = [], env = {}) =>
  distrustedFiles({ file, tokenFiles }, env);

Deno.test("distrustedFiles() reports a config and a token that others can change, with the remedy", async () => {
  await using dir = await testFolder(0o755);
  const [config, token] = [`${dir.path}/x.yaml`, `${dir.path}/token`];
  await Deno.writeTextFile(config, "");
  await Deno.chmod(config, 0o644);
  assert.deepEqual(look(config, [token]), []);
  await Deno.writeTextFile(token, "", { mode: 0o600 });
  assert.deepEqual(look(config, [token]), []);
  await Deno.chmod(config, 0o646);
  await Deno.chown(token, NEIGHBOUR, NEIGHBOUR);
  const [first, second, ...more] = look(config, [token]);
  assert.equal(
    first,
    `${config}: other users can change this config: expected that only the owner can write ` +
      `${config}, found mode 0646; look at what is in it, then run: chmod go-w ${config}`,
  );
  assert.match(second!, /token: other users can change this token: .* found uid 65534/);
  assert.deepEqual(more, []);
  assert.deepEqual(look(token, [], { SUDO_UID: String(NEIGHBOUR) }), []);
});

Deno.test("distrustedFiles() accepts files that the user's own group can write, but no other group's", async () => {
  await using dir = await testFolder(0o755);
  const config = `${dir.path}/x.yaml`;
  await Deno.writeTextFile(config, "");
  await Deno.chmod(config, 0o664);
  assert.deepEqual(look(config), []);
  await Deno.chown(config, 0, 100);
  assert.match(look(config).join(), /found mode 0664/);
});

Deno.test("distrustedFiles() checks parent folders; in a sticky one others cannot replace a file", async () => {
  await using dir = await testFolder(0o1777);
  await neighbour(`mkdir ${dir.path}/theirs; echo > ${dir.path}/theirs/x.yaml`);
  assert.match(look(`${dir.path}/theirs/x.yaml`).join(), /theirs to belong to root/);
  await Deno.mkdir(`${dir.path}/ours`);
  for (const path of [`${dir.path}/ours/x.yaml`, `${dir.path}/x.yaml`]) {
    await Deno.writeTextFile(path, "");
    assert.deepEqual(look(path), []);
  }
  await assert.rejects(neighbour(`mv ${dir.path}/theirs/x.yaml ${dir.path}/x.yaml`));
  await Deno.chmod(dir.path, 0o777);
  assert.match(look(`${dir.path}/x.yaml`).join(), /found mode 0777; .*chmod go-w/);
  assert.deepEqual(look(`${dir.path}/missing/x.yaml`), []);
  assert.deepEqual(look("/dev/null"), []);
});

Deno.test("distrustedFiles() reports a link that others can replace, wherever it is in a chain", async () => {
  await using shared = await testFolder(0o1777);
  await using own = await testFolder(0o755);
  const config = `${own.path}/x.yaml`;
  await Deno.writeTextFile(config, "");
  await neighbour(`ln -s ${config} ${shared.path}/theirs`);
  await Deno.symlink(`${shared.path}/theirs`, `${own.path}/ours`);
  for (const path of [`${shared.path}/theirs`, `${own.path}/ours`]) {
    assert.match(look(path).join(), /theirs to belong to root, found uid 65534; .*chown -h 0 /);
  }
  await Deno.symlink(config, `${shared.path}/ours`);
  assert.deepEqual(look(`${shared.path}/ours`), []);
});
