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

Deno.test("distrustedFiles() checks parent folders, except a sticky one above a private one", async () => {
  await using dir = await testFolder(0o1777);
  await neighbour(`mkdir ${dir.path}/theirs; echo > ${dir.path}/theirs/x.yaml`);
  assert.match(look(`${dir.path}/theirs/x.yaml`).join(), /theirs to belong to root/);
  await Deno.mkdir(`${dir.path}/ours`);
  await Deno.writeTextFile(`${dir.path}/ours/x.yaml`, "");
  assert.deepEqual(look(`${dir.path}/ours/x.yaml`), []);
  assert.deepEqual(look(`${dir.path}/missing/x.yaml`), []);
  assert.deepEqual(look("/dev/null"), []);
});
