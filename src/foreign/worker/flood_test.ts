import assert from "node:assert/strict";
import { lease, SHORT, site, source } from "./testing.ts";

Deno.test("a driver that logs in an endless loop does not flood the exporter", async () => {
  const flood = "calls: { flood() { while (true) log.info('flood'); } }";
  await using place = await site(
    { "a.js": source("acme.A", `open: ({ log }) => ({ ${flood} }),`) },
    SHORT,
  );
  await using driver = await lease(await place.factory("acme.A"));
  await assert.rejects(driver.call("flood"), /did not respond for 2 s/);
  assert.ok(driver.logged.length < 100_000, `${driver.logged.length} lines arrived`);
  assert.ok(driver.logged.some((line) => /^warning: \d+ lines of the log were lost/.test(line)));
});
