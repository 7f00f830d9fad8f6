/** Tests one owner with several residents. */
import assert from "node:assert/strict";
import { until } from "../../tests/until.ts";
import { Log } from "../log/log.ts";
import { ProcessOwner, type Resident } from "./owner.ts";

/** A resident that ends when the test says so, and records its calls. */
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

/** Creates an owner, and collects the lines of its log. */
function owned(): { owner: ProcessOwner; lines: string[] } {
  const lines: string[] = [];
  const log = new Log([({ severity, message }) => lines.push(`${severity}: ${message}`)]);
  return { owner: new ProcessOwner(log), lines };
}

/** Sends a signal to this process and waits until it was logged. */
async function signal(name: Deno.Signal, lines: string[]): Promise<void> {
  Deno.kill(Deno.pid, name);
  await until(() => lines.some((line) => line.startsWith(`info: ${name}: `)));
}

Deno.test("ProcessOwner refuses a second owner of the process", () => {
  const { owner } = owned();
  assert.throws(() => owned(), /the process already has an owner/);
  owner[Symbol.dispose]();
  owned().owner[Symbol.dispose]();
});

Deno.test("ProcessOwner handles a signal once and passes it to every resident", async () => {
  const { owner, lines } = owned();
  using _ = owner;
  const [one, two] = [new Actor("one"), new Actor("two")];
  const code = owner.run([one, two]);
  await Promise.all([one.started.promise, two.started.promise]);
  await signal("SIGHUP", lines);
  await signal("SIGTERM", lines);
  // The exit code is that of the first signal.
  assert.equal(await code, 129);
  assert.deepEqual([one.heard, two.heard], [["drain", "stop"], ["drain", "stop"]]);
  assert.deepEqual(lines, [
    "info: SIGHUP: shutting down after the current lease",
    "info: SIGTERM: shutting down",
  ]);
});

Deno.test("ProcessOwner lets the others run if a resident fails or ends", async () => {
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

Deno.test("ProcessOwner throws the error of the only resident", async () => {
  const { owner } = owned();
  using _ = owner;
  const only = new Actor("only");
  const code = owner.run([only]);
  only.fail(new Error("out of luck"));
  await assert.rejects(code, /out of luck/);
});

Deno.test("ProcessOwner stops residents without drain() on SIGHUP", async () => {
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
