/** The socket itself: its requests, its owner and group, and what is left of former processes. */
import assert from "node:assert/strict";
import { modeOf, names, NEIGHBOUR, neighbour } from "../../files/testing.ts";
import { listenPrivately } from "../../files/socket.ts";
import { Log } from "../../log/log.ts";
import { LocalServer } from "./server.ts";
import { type LocalTarget, LocalUseRefused } from "./target.ts";
import { LocalFolder } from "./testing.ts";

const local = { namespace: "lab", name: "demo", file: "/etc/demo.yaml" };

/** Refuses everybody, and notes who came. */
class Refusing implements LocalTarget {
  readonly local = local;
  readonly visitors: unknown[] = [];

  admit(visitor: unknown): Promise<never> {
    this.visitors.push(visitor);
    return Promise.reject(new LocalUseRefused("not today"));
  }
}

/** Sends bytes, and returns everything that comes back. */
async function converse(path: string, bytes: string | Uint8Array): Promise<string> {
  const conn = await Deno.connect({ transport: "unix", path });
  const text = new Response(conn.readable).text();
  const sent = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;
  await conn.write(sent).catch(() => {});
  return await text.catch(() => "");
}

Deno.test("LocalServer answers requests with one line, and identifies the peer", async () => {
  await using folder = new LocalFolder();
  const target = new Refusing();
  const { path } = await folder.open(target);
  assert.equal(path, `${folder.path}/lab.demo.sock`);
  const identity = JSON.stringify({ ok: true, ...local });
  assert.equal(await converse(path, '{"jmp":1,"do":"identify"}\n'), `${identity}\n`);
  assert.equal(
    await converse(path, '{"jmp":1,"do":"session","force":true}\n'),
    '{"error":"not today","code":9}\n',
  );
  assert.deepEqual(target.visitors, [{ user: "local user root (uid 0)", force: true }]);
});

Deno.test("LocalServer answers requests that it does not understand, and drops peers that leave", async () => {
  await using folder = new LocalFolder();
  const { path } = await folder.open(new Refusing());
  const wrong = ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "{}\n", "\n", new Uint8Array(20_000)];
  for (const bytes of wrong) {
    const answer = await converse(path, bytes);
    // A peer with more to send may lose the answer.
    if (typeof bytes === "string") assert.match(answer, /^\{"error":"demo does not understand/);
  }
  (await Deno.connect({ transport: "unix", path })).close();
  const [first, second] = await Promise.all([1, 2].map(() => {
    return converse(path, '{"jmp":1,"do":"identify"}\n');
  }));
  assert.equal(first, second);
});

Deno.test("LocalServer drops peers that send nothing", async () => {
  await using folder = new LocalFolder();
  const { path } = await folder.open(new Refusing());
  assert.match(await converse(path, '{"jmp":1'), /"code":4\}\n$/);
});

Deno.test("LocalServer is for its user and a group", async () => {
  assert.equal(Deno.uid(), 0, "this test acts for two users: run it as root");
  await using folder = new LocalFolder();
  const { path } = await folder.open(new Refusing(), { group: String("nogroup") });
  assert.equal(await modeOf(path), 0o660);
  assert.equal((await Deno.lstat(path)).gid, NEIGHBOUR);
  await neighbour(`test -w ${path}`);
  const other = { local: { ...local, name: "other" }, admit: () => new Refusing().admit({}) };
  const lone = await folder.open(other, { group: "no-such-group" });
  assert.equal(await modeOf(lone.path), 0o600);
  await assert.rejects(neighbour(`test -w ${lone.path}`));
  assert.deepEqual(folder.log, ["JMP_LOCAL_GROUP: there is no group 'no-such-group'"]);
});

Deno.test("LocalServer replaces the socket of a process that was killed, and removes its own", async () => {
  await using folder = new LocalFolder();
  const path = `${folder.path}/lab.demo.sock`;
  listenPrivately(path).close();
  assert.deepEqual(await names(folder.path), ["lab.demo.sock"]);
  const server = await folder.open(new Refusing());
  assert.match(await converse(path, '{"jmp":1,"do":"identify"}\n'), /"ok":true/);
  await server[Symbol.asyncDispose]();
  assert.deepEqual(await names(folder.path), []);
});

Deno.test("LocalServer leaves the socket of another process alone, and says so", async () => {
  await using folder = new LocalFolder();
  const { path } = await folder.open(new Refusing());
  const lines: string[] = [];
  const second = await LocalServer.open(new Refusing(), {
    log: new Log([({ message }) => lines.push(message)]),
    env: (name) => name === "RUNTIME_DIRECTORY" ? folder.path : undefined,
  });
  assert.equal(second, undefined);
  assert.match(lines.join("\n"), /^Commands of this host .*: another process serves it$/);
  assert.match(await converse(path, '{"jmp":1,"do":"identify"}\n'), /"ok":true/);
});
