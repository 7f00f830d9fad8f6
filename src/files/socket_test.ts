import assert from "node:assert/strict";
import { listenPrivately } from "./socket.ts";
import { modeOf, names, NEIGHBOUR, neighbour, testFolder } from "./testing.ts";

Deno.test("listenPrivately() creates a socket for its owner only, under any umask, which it preserves", async () => {
  await using dir = await testFolder(0o755);
  const umask = Deno.umask(0);
  try {
    for (const mask of [0, 0o022, 0o077]) {
      Deno.umask(mask);
      const path = `${dir.path}/socket-${mask}`;
      using listener = listenPrivately(path);
      assert.equal(Deno.umask(), mask);
      assert.equal(await modeOf(path), 0o600);
      const [theirs, ours] = await Promise.all([
        listener.accept(),
        Deno.connect({ transport: "unix", path }),
      ]);
      theirs.close();
      ours.close();
      await assert.rejects(neighbour(`test -w ${path}`));
    }
  } finally {
    Deno.umask(umask);
  }
  assert.deepEqual(await names(dir.path), ["socket-0", "socket-18", "socket-63"]);
});

Deno.test("listenPrivately() neither follows nor replaces an existing file", async () => {
  await using dir = await testFolder();
  await Deno.writeTextFile(`${dir.path}/file`, "text");
  await Deno.symlink("nowhere", `${dir.path}/link`);
  for (const name of ["file", "link"]) {
    assert.throws(() => listenPrivately(`${dir.path}/${name}`), {
      message: "File exists (os error 17)",
    });
  }
  assert.throws(
    () => listenPrivately(`${dir.path}/missing/x`),
    /missing: no such file or directory \(ENOENT\)/,
  );
  assert.throws(() => listenPrivately(`/${"x".repeat(107)}`), /at most 107 bytes/);
  assert.deepEqual(await names(dir.path), ["file", "link"]);
});

Deno.test("listenPrivately() lets a group connect, too, and no others", async () => {
  await using dir = await testFolder(0o755);
  const path = `${dir.path}/socket`;
  using _listener = listenPrivately(path, { group: NEIGHBOUR });
  assert.equal(await modeOf(path), 0o660);
  await neighbour(`test -w ${path}`);
  await Deno.chown(path, null, 0);
  await assert.rejects(neighbour(`test -w ${path}`));
});
