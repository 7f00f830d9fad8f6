import assert from "node:assert/strict";
import fc from "fast-check";
import { names, testFolder } from "../../src/files/testing.ts";
import { FileTable } from "./file_table.ts";
import { opendal } from "./manifest.ts";
import { open } from "./testing.ts";

const fs = (root: string) => open(opendal, { scheme: "fs", kwargs: { root } });

/** How many descriptors of this process refer to files below a folder. */
async function openBelow(folder: string): Promise<number> {
  const links = (await names("/proc/self/fd")).map((fd) => {
    return Deno.readLink(`/proc/self/fd/${fd}`).catch(() => "");
  });
  return (await Promise.all(links)).filter((path) => path.startsWith(`${folder}/`)).length;
}

Deno.test("a connection's end closes its own files, and no others", async () => {
  await using place = await testFolder();
  await using storage = await fs(place.path);
  const [leaving, staying] = [new AbortController(), new AbortController()];
  const fds: string[] = [];
  for (let at = 0; at < 50; at++) {
    fds.push(await storage.callBy(leaving.signal, "open", `f${at}`, "wb") as string);
  }
  fds.push(await storage.callBy(leaving.signal, "open", "f0", "rb") as string);
  const kept = await storage.callBy(staying.signal, "open", "f1", "rb");
  assert.equal(await openBelow(place.path), 52);
  leaving.abort();
  assert.equal(await openBelow(place.path), 1);
  for (const fd of fds) {
    assert.equal(await storage.callBy(staying.signal, "file_closed", fd), true);
    await assert.rejects(storage.upload("x", "file_write", fd, "image"), {
      message: /^Cannot write to 'f\d+': the connection of the client that opened it has ended$/,
    });
  }
  assert.equal(await storage.callBy(staying.signal, "file_tell", kept!), 0);
  await assert.rejects(storage.callBy(leaving.signal, "open", "late", "wb"), {
    name: "AbortError",
  });
  assert.deepEqual((await names(place.path)).includes("late"), false);
});

Deno.test("a file that its client did not close does not exist in memory", async () => {
  await using storage = await open(opendal, { scheme: "memory", kwargs: {} });
  const leaving = new AbortController();
  await storage.callBy(leaving.signal, "open", "half", "wb");
  const whole = await storage.callBy(leaving.signal, "open", "whole", "wb");
  await storage.callBy(leaving.signal, "file_close", whole!);
  leaving.abort();
  assert.deepEqual(await storage.entries("list", ""), ["whole"]);
});

Deno.test("a client may have 128 files open, a storage 512, and a client that leaves frees its share", async () => {
  await using place = await testFolder();
  await using storage = await fs(place.path);
  const clients = Array.from({ length: 5 }, () => new AbortController());
  const openAs = (client: number, path: string) =>
    storage.callBy(clients[client]!.signal, "open", path, "wb");
  for (let at = 0; at < 128; at++) await openAs(0, `f${at}`);
  await assert.rejects(openAs(0, "more"), {
    name: "ResourceExhausted",
    message:
      "Cannot open 'more': a client may have at most 128 open files; close some of them first",
  });
  for (const client of [1, 2, 3]) {
    await Promise.all(Array.from({ length: 128 }, (_, at) => openAs(client, `f${at}`)));
  }
  await assert.rejects(openAs(4, "more"), /a storage may have at most 512 open files; close some/);
  assert.equal(await openBelow(place.path), 512);
  clients[2]!.abort();
  await openAs(4, "more");
  for (let at = 0; at < 300; at++) {
    await assert.rejects(openAs(4, `missing/${"x/".repeat(200)}`), /IsADirectory|nested/);
  }
  await openAs(4, "still");
  assert.equal(await openBelow(place.path), 386);
});

Deno.test("a file that is opened after its client or its lease has ended is closed", async () => {
  const closed: string[] = [];
  const log = { debug() {}, info() {}, warning() {}, error() {} };
  const table = new FileTable(log);
  const slow = (name: string, opened: Promise<void>) => async () => {
    await opened;
    return { writer: { write() {}, close: () => void closed.push(name) } };
  };
  const [left, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const client = new AbortController();
  const first = table.open("a", client.signal, slow("a", left.promise));
  const second = table.open("b", undefined, slow("b", ended.promise));
  client.abort();
  left.resolve();
  assert.match(table.get(await first).closed!, /connection/);
  await table[Symbol.asyncDispose]();
  ended.resolve();
  assert.ok(table.get(await second).closed);
  assert.deepEqual(closed, ["a", "b"]);
});

Deno.test("every sequence of opening, closing and leaving closes all files", async () => {
  const action = fc.record({
    client: fc.nat(3),
    what: fc.constantFrom("open", "fail", "close", "leave"),
    which: fc.nat(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 60 }), async (actions) => {
      const log = { debug() {}, info() {}, warning() {}, error() {} };
      const table = new FileTable(log);
      const open = new Set<number>();
      const clients = Array.from({ length: 4 }, () => new AbortController());
      const mine: [number, number, string][] = [];
      for (const [id, { client, what, which }] of actions.entries()) {
        const { signal } = clients[client]!;
        if (what === "leave") {
          clients[client]!.abort();
          await Promise.resolve();
          clients[client] = new AbortController();
          for (const [owner, file] of mine) assert.ok(owner !== client || !open.has(file));
        } else if (what === "close" && mine.length > 0) {
          const [, file, fd] = mine[which % mine.length]!;
          await table.close(fd);
          assert.ok(!open.has(file));
        } else {
          const opening = () => {
            if (what === "fail") return Promise.reject(new Error("cannot"));
            open.add(id);
            return Promise.resolve({
              reader: { from: async function* () {}, close: () => void open.delete(id) },
            });
          };
          const fd = await table.open(String(id), signal, opening).catch(() => undefined);
          if (fd) mine.push([client, id, fd]);
        }
      }
      await table[Symbol.asyncDispose]();
      assert.deepEqual([...open], []);
    }),
    { numRuns: 300 },
  );
});

Deno.test("the last thousand closed files are remembered", async () => {
  await using storage = await open(opendal, { scheme: "memory", kwargs: {} });
  const fds: string[] = [];
  for (let at = 0; at < 1_001; at++) {
    const fd = await storage.call("open", "f", "wb") as string;
    await storage.call("file_close", fd);
    fds.push(fd);
  }
  assert.equal(await storage.call("file_closed", fds[1]!), true);
  await assert.rejects(storage.call("file_closed", fds[0]!), /names no file/);
});
