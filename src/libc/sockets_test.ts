import assert from "node:assert/strict";
import { DatagramSender, listenerOf, MAX_ADDRESS, unixAddress } from "./sockets.ts";
import { DatagramReceiver } from "./testing.ts";

Deno.test("unixAddress() accepts only a path or abstract name that fits", () => {
  assert.deepEqual(unixAddress("/a"), Uint8Array.of(1, 0, 0x2f, 0x61, 0));
  assert.deepEqual(unixAddress("@a"), Uint8Array.of(1, 0, 0, 0x61));
  assert.ok(unixAddress(`@${"a".repeat(MAX_ADDRESS)}`));
  for (const path of ["", "a", "vsock:2", `/${"a".repeat(MAX_ADDRESS)}`]) {
    assert.equal(unixAddress(path), undefined, path);
  }
});

Deno.test("DatagramSender sends without waiting, and reports a full queue or a missing receiver", () => {
  const path = `@jmp-test-${crypto.randomUUID()}`;
  using sender = new DatagramSender();
  const address = unixAddress(path)!;
  assert.throws(() => sender.send("a", address), { code: "ECONNREFUSED" });
  using receiver = new DatagramReceiver(path);
  let sent = 0;
  while (sender.send(`message ${sent}`, address)) sent += 1;
  assert.ok(sent > 0);
  for (let index = 0; index < sent; index++) assert.equal(receiver.receive(), `message ${index}`);
  assert.equal(receiver.receive(), undefined);
  assert.equal(sender.send("again", address), true);
});

Deno.test("listenerOf() finds the process that listens on an abstract socket", () => {
  const name = `jmp-test-${crypto.randomUUID()}`;
  assert.equal(listenerOf(name), undefined);
  using _listener = Deno.listen({ transport: "unix", path: `\0${name}` });
  assert.deepEqual(listenerOf(name), { pid: Deno.pid, uid: Deno.uid() });
});
