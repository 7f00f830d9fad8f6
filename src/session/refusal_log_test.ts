import assert from "node:assert/strict";
import { until } from "../../tests/until.ts";
import { Log } from "../log/log.ts";
import type { Peer } from "../wire/grpc/peer.ts";
import { RefusalLog } from "./refusal_log.ts";

const WORDS = "authentication failed: invalid or missing passphrase";

const peer = (address: string): Peer => ({ address, dismiss() {}, expel() {} });

function open(periodMs?: number) {
  const lines: string[] = [];
  const log = new Log([({ severity, message }) => void lines.push(`${severity} ${message}`)]);
  return { lines, refusals: new RefusalLog(log, periodMs) };
}

Deno.test("RefusalLog writes method and address of the first, and how many more there were", () => {
  const { lines, refusals } = open();
  for (let port = 1; port <= 10_000; port++) refusals.note("/a.B/C", peer(`192.0.2.1:${port}`));
  refusals.note("/a.B/C", peer("[2001:db8::1]:40000"));
  refusals[Symbol.dispose]();
  assert.deepEqual(lines, [
    `warning ${WORDS} for method /a.B/C from 192.0.2.1:1`,
    `warning ${WORDS} for method /a.B/C from 192.0.2.1:2`,
    `warning ${WORDS} for method /a.B/C from [2001:db8::1]:40000`,
    `warning ${WORDS}, 9998 times more from 192.0.2.1 within 5 s`,
  ]);
});

Deno.test("RefusalLog writes 25 lines at most for many addresses, and counts every call", () => {
  const { lines, refusals } = open();
  for (let turn = 0; turn < 5; turn++) {
    for (let host = 0; host < 200; host++) refusals.note("/a.B/C", peer(`192.0.2.${host}:9`));
  }
  refusals[Symbol.dispose]();
  assert.equal(lines.length, 25);
  const more = lines.map((line) => Number(/(\d+) times more/.exec(line)?.[1] ?? 1));
  assert.equal(more.reduce((sum, count) => sum + count, 0), 1000);
  assert.match(lines.at(-1)!, /960 times more from other addresses/);
});

Deno.test("RefusalLog begins anew after its period, and is silent when nothing happens", async () => {
  const { lines, refusals } = open(20);
  for (let turn = 0; turn < 3; turn++) refusals.note("/a.B/C", peer("a Unix socket"));
  await until(() => /once more from a Unix socket within 0\.02 s/.test(lines.at(-1)!));
  const before = lines.length;
  await new Promise((resolve) => setTimeout(resolve, 60));
  assert.equal(lines.length, before);
  refusals.note("/a.B/C", peer("a Unix socket"));
  assert.equal(lines.length, before + 1);
  refusals[Symbol.dispose]();
});

Deno.test("RefusalLog shows no method that could forge a line or fill the log", () => {
  const { lines, refusals } = open();
  refusals.note("/a\n2026-01-01 INFO all is well", peer("a Unix socket"));
  refusals.note("/" + "x".repeat(10_000), peer("a Unix socket"));
  refusals[Symbol.dispose]();
  for (const line of lines) assert.match(line, /^warning .* for method \(unreadable\) from a Unix/);
});
