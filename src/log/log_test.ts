import assert from "node:assert/strict";
import { keepSecret } from "../text/secrets.ts";
import { Log, type LogRecord } from "./log.ts";

Deno.test("Log.fork() passes its records to its own sinks and to those of its parent", () => {
  const outer: string[] = [];
  const inner: string[] = [];
  const log = new Log([({ message }) => void outer.push(message)]);
  const fork = log.fork();
  {
    using _sink = fork.attach(({ message }) => void inner.push(message));
    log.info("outside");
    fork.child({ origin: "driver" }).warning("inside");
  }
  fork.info("after");
  assert.deepEqual(outer, ["outside", "inside", "after"]);
  assert.deepEqual(inner, ["inside"]);
});

Deno.test("Log.fork() evaluates the context for each record", () => {
  const clients: (string | undefined)[] = [];
  const log = new Log([({ client }) => void clients.push(client)]);
  let client = "alice";
  const fork = log.fork(() => ({ client }));
  fork.info("hers");
  client = "bob";
  fork.child({ logger: "power" }).info("his");
  assert.deepEqual(clients, ["alice", "bob"]);
});

Deno.test("Log.child() keeps the context that it does not change", () => {
  const records: LogRecord[] = [];
  const log = new Log([(record) => void records.push(record)]).child({ lease: "l1" });
  log.child({ origin: "driver", logger: "power" }).error("x");
  const [{ lease, origin, logger, severity }] = records as [LogRecord];
  assert.deepEqual([lease, origin, logger, severity], ["l1", "driver", "power", "error"]);
});

Deno.test("stderrSink() writes lines of its level as text or JSON", async () => {
  const program = `
    import { Log, stderrSink } from "${new URL("./log.ts", import.meta.url)}";
    for (const format of ["text", "json"]) {
      const log = new Log([stderrSink({ level: "info", format })]);
      log.debug("hidden");
      const lease = { exporter: "board1", lease: "l1", client: "alice" };
      log.child({ ...lease, driverType: "pkg.Thing" }).info("shown");
    }`;
  const { stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--ext=ts", program],
    env: { NO_COLOR: "1" },
  }).output();
  const [text, json] = new TextDecoder().decode(stderr).trim().split("\n");
  assert.match(text!, /^\d{4}-\d\d-\d\dT[\d:.]+Z INFO {4}exporter \(l1\): shown$/);
  const { ts: _, ...rest } = JSON.parse(json!);
  assert.deepEqual(rest, {
    level: "info",
    msg: "shown",
    component: "exporter",
    logger: "exporter",
    exporter: "board1",
    lease_id: "l1",
    client: "alice",
    driver_type: "pkg.Thing",
  });
});

/** Returns what `stderrSink` writes for these messages of a driver in each format. */
async function written(messages: string[]): Promise<{ text: string; json: string }> {
  const program = `
    import { Log, stderrSink } from "${new URL("./log.ts", import.meta.url)}";
    import { keepSecret } from "${new URL("../text/secrets.ts", import.meta.url)}";
    keepSecret("planted-secret");
    const log = new Log([stderrSink({ format: Deno.args[0] })]);
    const driver = log.child({ origin: "driver", logger: "a\\nb", lease: "l\\n2" });
    for (const message of ${JSON.stringify(messages)}) driver.info(message);`;
  const run = async (format: string) => {
    const { stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["eval", "--ext=ts", program, "--", format],
      env: { NO_COLOR: "1" },
    }).output();
    return new TextDecoder().decode(stderr);
  };
  return { text: await run("text"), json: await run("json") };
}

Deno.test("stderrSink() writes no forged lines, terminal controls or secrets", async () => {
  const forged = "asked\n2026-01-01T00:00:00.000Z INFO    exporter: all is well";
  const { text, json } = await written([
    forged,
    "\x1b]0;owned\x07\x9b2J\u2028\u202e\ud800",
    "planted-secret at http://me:pw@h/?X-Amz-Signature=abc",
    "a".repeat(70_000),
  ]);
  const lines = text.trimEnd().split("\n");
  assert.equal(lines.length, 5);
  assert.match(lines[0]!, /Z INFO {4}a\\nb \(l\\n2\): asked$/);
  assert.match(lines[1]!, /^ {2}\| 2026/);
  assert.ok(lines[2]!.endsWith("\\x1b]0;owned\\x07\\x9b2J\\u2028\\u202e\ufffd"));
  assert.ok(lines[3]!.endsWith("[REDACTED] at http://[REDACTED]@h/?X-Amz-Signature=[REDACTED]"));
  assert.match(lines[4]!, /aaa \.\.\. \[53\d\d\d characters left out\] \.\.\. aaa/);
  assert.ok(lines[4]!.length < 17_000);
  const records = json.trimEnd().split("\n");
  assert.equal(records.length, 4);
  assert.doesNotMatch(json.replaceAll("\n", ""), /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
  assert.deepEqual(records.slice(0, 2).map((line) => JSON.parse(line).msg), [
    forged,
    "\x1b]0;owned\x07\x9b2J\u2028\u202e\ufffd",
  ]);
  assert.doesNotMatch(json, /planted|me:pw|abc/);
});

Deno.test("Log leaves no part of a secret where it shortens a long message", () => {
  keepSecret("planted-at-the-cut");
  for (let at = 48_000; at < 49_200; at += 7) {
    const messages: string[] = [];
    const log = new Log([({ message }) => void messages.push(message)]);
    log.info(`${"a".repeat(at)} planted-at-the-cut ${"b".repeat(100_000)}`);
    assert.doesNotMatch(messages[0]!, /plant/);
    assert.match(messages[0]!, /\[\d+ characters left out\]/);
  }
});
