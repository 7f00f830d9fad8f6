import assert from "node:assert/strict";
import { Log, type LogRecord } from "./log.ts";

Deno.test("a fork hears its own lines, and its origin hears them too", () => {
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

Deno.test("a child keeps the context that it does not change", () => {
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
      log.child({ lease: "l1", driverType: "pkg.Thing" }).info("shown");
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
    lease_id: "l1",
    driver_type: "pkg.Thing",
  });
});
