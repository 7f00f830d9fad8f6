/** Tests the lock of a name between real processes of several users. */
import assert from "node:assert/strict";
import { until } from "../../../tests/until.ts";
import { listenerOf } from "../../libc/sockets.ts";
import "../../libc/testing.ts";
import { NameLock } from "./name_lock.ts";
import { lockName, NameInUse, type NameLockOptions } from "./lock_name.ts";
import { describe, howToEnd, unitOf } from "./process_facts.ts";
import { answer, challenge, verify } from "./proof.ts";

/** Options for an exporter with a random name. */
function options(token = "secret"): NameLockOptions & { readonly said: string[] } {
  const said: string[] = [];
  const say = (message: string) => void said.push(message);
  return {
    endpoint: "Controller.invalid:8082",
    identity: { namespace: "lab", name: crypto.randomUUID() },
    token: () => Promise.resolve(token),
    log: { info: say, warning: say },
    said,
  };
}

/** Starts a process of another user that takes the lock of the same exporter. */
async function takenByAnother(lock: NameLockOptions, token: string) {
  const script = `
    import { lockName } from "${new URL("./lock_name.ts", import.meta.url)}";
    const lock = ${JSON.stringify({ endpoint: lock.endpoint, identity: lock.identity })};
    await lockName({ ...lock, token: () => Promise.resolve(${
    JSON.stringify(token)
  }), log: console });
    console.log("has it");
  `;
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  await Deno.writeTextFile(file, script);
  await Deno.chmod(file, 0o644);
  const child = new Deno.Command("setpriv", {
    args: [
      ...["--reuid=65534", "--regid=65534", "--clear-groups", Deno.execPath()],
      ...["run", "-A", "--no-check", "--no-lock", file],
    ],
    env: { DENO_DIR: Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno` },
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  return {
    pid: child.pid,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.status;
      await reader.cancel();
      await Deno.remove(file);
    },
  };
}

Deno.test("lockName() refuses a name that is held, until it is released", async () => {
  const lock = options();
  await using first = await lockName(lock);
  assert.ok(first);
  await assert.rejects(lockName(lock), (error: Error) => {
    assert.ok(error instanceof NameInUse);
    assert.match(
      error.message,
      new RegExp(`lab/${lock.identity.name} is already running on this host`),
    );
    assert.match(error.message, new RegExp(`: process ${Deno.pid}( of \\S+)?, since \\d{4}-`));
    assert.match(error.message, /stop that one first: (kill \d+|systemctl )/);
    return true;
  });
  const other = { ...lock, identity: { ...lock.identity, namespace: "other" } };
  await using _other = await lockName(other);
  await first[Symbol.asyncDispose]();
  await using again = await lockName(lock);
  assert.ok(again);
  assert.deepEqual(lock.said, []);
});

Deno.test("lockName() ignores the case of the endpoint", async () => {
  const lock = options();
  await using _first = await lockName(lock);
  await assert.rejects(lockName({ ...lock, endpoint: "controller.INVALID:8082" }), NameInUse);
});

Deno.test("lockName() waits for a process that is shutting down", async () => {
  const lock = options();
  const first = await lockName(lock);
  first!.leaving();
  let has = false;
  const second = lockName(lock).then((held) => {
    has = true;
    return held;
  });
  await until(() => lock.said.length > 0);
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal(has, false);
  await first![Symbol.asyncDispose]();
  await using _second = await second;
  assert.match(lock.said.join("\n"), /^Waiting for process \d+.*: it is shutting down$/);
});

Deno.test("lockName() trusts another user's process that knows the token", async () => {
  assert.equal(Deno.uid(), 0, "this test runs as root");
  const lock = options();
  await using other = await takenByAnother(lock, "secret");
  await assert.rejects(
    lockName(lock),
    new RegExp(`is already running on this host.*process ${other.pid}`),
  );
});

Deno.test("lockName() takes another lock if a process that does not know the token holds the first", async () => {
  assert.equal(Deno.uid(), 0, "this test runs as root");
  const lock = options();
  await using other = await takenByAnother(lock, "guessed");
  await using held = await lockName(lock);
  assert.ok(held);
  assert.match(lock.said.join("\n"), new RegExp(`held by process ${other.pid}.*user 65534`));
  await assert.rejects(lockName(lock), NameInUse, "two exporters with the token");
});

Deno.test("lockName() refuses a name that is held if it cannot read its own token", async () => {
  assert.equal(Deno.uid(), 0, "this test runs as root");
  const lock = options();
  await using _other = await takenByAnother(lock, "secret");
  const token = () => Promise.reject(new Error("it is in the unit's credentials"));
  await assert.rejects(lockName({ ...lock, token }), NameInUse);
});

Deno.test("NameLock drops connections that send nothing", async () => {
  const name = `jmp-test-${crypto.randomUUID()}`;
  await using _holder = NameLock.take(name, () => Promise.resolve("secret"));
  const idle = await Promise.all(Array.from({ length: 40 }, () => {
    return Deno.connect({ transport: "unix", path: `\0${name}` });
  }));
  await Promise.all(idle.map(async (conn) => {
    assert.equal(await conn.read(new Uint8Array(1)).catch(() => null), null);
    conn.close();
  }));
  assert.deepEqual(listenerOf(name), { pid: Deno.pid, uid: Deno.uid() });
});

Deno.test("verify() accepts an answer only for its own challenge, name, token and content", () => {
  const question = challenge();
  const line = answer("a", question, "secret", false);
  assert.equal(verify("a", question, "secret", line)?.leaving, false);
  assert.equal(verify("b", question, "secret", line), undefined);
  assert.equal(verify("a", challenge(), "secret", line), undefined);
  assert.equal(verify("a", question, "other", line), undefined);
  assert.equal(verify("a", question, "secret", line.replace("false", "true")), undefined);
  for (const broken of ["", "{}", "null", '{"leaving":true,"proof":"00"}', "[", '{"leaving":1}']) {
    assert.equal(verify("a", question, "secret", broken), undefined);
  }
});

Deno.test("describe() and howToEnd() name the unit of a process", () => {
  const system = "0::/system.slice/system-jmp.slice/jmp@demo.service\n";
  const users = "0::/user.slice/user-1000.slice/user@1000.service/app.slice/demo.service\n";
  const shell = "0::/user.slice/user-1000.slice/session-3.scope\n";
  const older = "12:pids:/x.service\n1:name=systemd:/system.slice/jmp@demo.service/payload\n";
  const terminal = "0::/user.slice/user-1000.slice/user@1000.service/app.slice/vte-1.scope\n";
  const words = (cgroup: string) => howToEnd({ pid: 7, ...unitOf(cgroup) });
  assert.equal(words(system), "systemctl stop 'jmp@demo.service'");
  assert.equal(words(users), "systemctl --user stop 'demo.service'");
  assert.equal(words(older), "systemctl stop 'jmp@demo.service'");
  for (const cgroup of [shell, terminal, "0::/\n", ""]) assert.equal(words(cgroup), "kill 7");
  const since = new Date(Date.UTC(2026, 0, 31, 12));
  const facts = { pid: 7, ...unitOf(system), since };
  assert.equal(describe(facts), "process 7 of jmp@demo.service, since 2026-01-31 12:00:00 UTC");
  assert.match(describe({ pid: 0 }), /not visible here/);
});
