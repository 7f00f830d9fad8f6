import assert from "node:assert/strict";
import { fulfilledWithin } from "../base/deadline.ts";
import { Log, type LogOrigin } from "../log/log.ts";
import { ExporterStatus as Status } from "../wire/gen/jumpstarter/v1/common.ts";
import { LogBacklog } from "./logs.ts";
import { SessionStatus } from "./status.ts";
import { type Audience, StatusReaders } from "./status_readers.ts";

const FAILED = Status.EXPORTER_STATUS_BEFORE_LEASE_HOOK_FAILED;

function rig() {
  const status = new SessionStatus();
  const logs = new LogBacklog();
  const log = new Log([(record) => logs.push(record)]);
  const readers = new StatusReaders(status, logs);
  const say = (origin: LogOrigin, text: string) => log.child({ origin }).info(text);
  const isRead = (audience: Audience) => {
    return fulfilledWithin(30, readers.read(audience, new AbortController().signal));
  };
  return { status, logs, readers, say, isRead };
}

function client() {
  const gone = new AbortController();
  return {
    call: { signal: new AbortController().signal, connection: gone.signal },
    leave: () => gone.abort(),
  };
}

Deno.test("answer() gives a final status to a client once it has the lines before it", async () => {
  const { status, readers, say, isRead } = rig();
  const { call } = client();
  const lines = readers.logs(call);
  say("beforeLease", "one");
  say("beforeLease", "two");
  assert.equal((await lines.next()).value?.message, "one");
  status.set(FAILED, "no");
  let answered = false;
  const answer = readers.answer(call).then((response) => {
    answered = true;
    return response;
  });
  assert.equal(await isRead("one"), false);
  assert.equal(answered, false, "the client would leave without the second line");
  assert.equal((await lines.next()).value?.message, "two");
  // The sender asks for the next line when the second one is sent.
  const end = lines.next();
  assert.equal((await answer).status, FAILED);
  assert.equal(await isRead("one"), true);
  say("system", "end");
  await end;
  await lines.return(undefined);
});

Deno.test("answer() gives a status that is not final at once, and a final one if there is no log", async () => {
  const { status, readers, say } = rig();
  const { call } = client();
  say("beforeLease", "one");
  status.set(Status.EXPORTER_STATUS_BEFORE_LEASE_HOOK);
  const lines = readers.logs(call);
  assert.equal((await readers.answer(call)).message, undefined);
  await lines.return(undefined);
  status.set(FAILED, "no");
  assert.equal((await readers.answer(client().call)).message, "no");
});

Deno.test("read() waits for one client: that polls, that was refused, or that has asked and left", async () => {
  const { status, readers, isRead } = rig();
  const poller = client();
  status.set(FAILED, "no");
  await readers.answer(poller.call);
  assert.equal(await isRead("one"), false, "a single call may be a probe");
  await readers.answer(poller.call);
  assert.equal(await isRead("one"), true);
  status.set(FAILED, "again");
  assert.equal(await isRead("one"), false);
  readers.refused(client().call);
  assert.equal(await isRead("one"), true);
  status.set(FAILED, "and again");
  const brief = client();
  await readers.answer(brief.call);
  brief.leave();
  assert.equal(await isRead("one"), true);
});

Deno.test("read() waits for all clients that poll, as long as they are connected", async () => {
  const { status, readers, isRead } = rig();
  assert.equal(await isRead("all"), true);
  const [one, other, silent] = [client(), client(), client()];
  await readers.answer(silent.call);
  for (const { call } of [one, one, other, other]) await readers.answer(call);
  status.set(Status.EXPORTER_STATUS_AVAILABLE, "done");
  for (let poll = 0; poll < 2; poll++) await readers.answer(one.call);
  assert.equal(await isRead("all"), false);
  other.leave();
  assert.equal(await isRead("all"), true);
});
