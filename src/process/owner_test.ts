/** One owner for several residents of a process. */
import assert from "node:assert/strict";
import { Log } from "../log/log.ts";
import { ProcessOwner, type Resident } from "./owner.ts";

/** A resident that ends as it is told, and what it heard. */
class Actor implements Resident {
  readonly heard: string[] = [];
  readonly #ended = Promise.withResolvers<number>();
  readonly started = Promise.withResolvers<void>();

  constructor(readonly name: string) {}

  run(ready: () => void): Promise<number> {
    ready();
    this.started.resolve();
    return this.#ended.promise;
  }

  stop(): void {
    this.heard.push("stop");
    this.end(0);
  }

  drain(): void {
    this.heard.push("drain");
  }

  end(code: number): void {
    this.#ended.resolve(code);
  }

  fail(error: Error): void {
    this.#ended.reject(error);
  }
}

/** An owner, and the lines of its log. */
function owned(): { owner: ProcessOwner; lines: string[] } {
  const lines: string[] = [];
  const log = new Log([({ severity, message }) => lines.push(`${severity}: ${message}`)]);
  return { owner: new ProcessOwner(log), lines };
}

/** Sends a signal to this process and waits until it was handled. */
async function signal(name: Deno.Signal, lines: string[]): Promise<void> {
  const before = lines.length;
  Deno.kill(Deno.pid, name);
  while (lines.length === before) await new Promise((resolve) => setTimeout(resolve, 5));
}

Deno.test("a process has one owner", () => {
  const { owner } = owned();
  assert.throws(() => owned(), /the process has an owner already/);
  owner[Symbol.dispose]();
  owned().owner[Symbol.dispose]();
});

Deno.test("a signal is handled once, and reaches every exporter of the process", async () => {
  const { owner, lines } = owned();
  using _ = owner;
  const [one, two] = [new Actor("one"), new Actor("two")];
  const code = owner.run([one, two]);
  await Promise.all([one.started.promise, two.started.promise]);
  await signal("SIGHUP", lines);
  await signal("SIGTERM", lines);
  // Of the first of two signals, as the second changes nothing of the reason.
  assert.equal(await code, 129);
  assert.deepEqual([one.heard, two.heard], [["drain", "stop"], ["drain", "stop"]]);
  assert.deepEqual(lines, [
    "info: SIGHUP: shutting down after the current lease",
    "info: SIGTERM: shutting down",
  ]);
});

Deno.test("an exporter that fails or ends leaves the others of its process running", async () => {
  const { owner, lines } = owned();
  using _ = owner;
  const [failing, ending, lasting] = [new Actor("a"), new Actor("b"), new Actor("c")];
  let over = false;
  const code = owner.run([failing, ending, lasting]).finally(() => over = true);
  failing.fail(new Error("out of luck"));
  ending.end(0);
  await signal("SIGHUP", lines);
  assert.equal(over, false);
  assert.deepEqual(lasting.heard, ["drain"]);
  lasting.end(0);
  assert.equal(await code, 1);
  assert.match(lines[0]!, /^critical: The exporter a has failed: Error: out of luck/);
});

Deno.test("the failure of the only exporter is the process's", async () => {
  const { owner } = owned();
  using _ = owner;
  const only = new Actor("only");
  const code = owner.run([only]);
  only.fail(new Error("out of luck"));
  await assert.rejects(code, /out of luck/);
});

Deno.test("without a lease to wait for, SIGHUP stops", async () => {
  const { owner, lines } = owned();
  using _ = owner;
  const heard: string[] = [];
  const { promise, resolve } = Promise.withResolvers<number>();
  const stop = () => {
    heard.push("stop");
    resolve(0);
  };
  const code = owner.run([{ name: "standalone", run: () => promise, stop }]);
  await signal("SIGHUP", lines);
  assert.equal(await code, 129);
  assert.deepEqual(heard, ["stop"]);
  assert.deepEqual(lines, ["info: SIGHUP: shutting down"]);
});
