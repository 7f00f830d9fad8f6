import assert from "node:assert/strict";
import { DatagramReceiver } from "../libc/testing.ts";
import { Log } from "../log/log.ts";
import { ServiceManager } from "./notify.ts";

/** The service manager's end of the socket, which receives real datagrams. */
class Manager implements AsyncDisposable {
  readonly #dir = Deno.makeTempDirSync();
  readonly path: string;
  readonly #socket: DatagramReceiver;

  constructor(abstract = false) {
    this.path = abstract ? `@jmp-test-${crypto.randomUUID()}` : `${this.#dir}/notify`;
    this.#socket = new DatagramReceiver(this.path);
  }

  /** The next message. */
  async next(): Promise<string> {
    for (let tries = 0; tries < 1000; tries++) {
      const message = this.#socket.receive();
      if (message !== undefined) return message;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error("Expected a message, found none in 10 s");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket[Symbol.dispose]();
    await Deno.remove(this.#dir, { recursive: true });
  }
}

function setVariables(values: Record<string, string>): void {
  for (const [name, value] of Object.entries(values)) Deno.env.set(name, value);
}

for (const abstract of [false, true]) {
  const kind = abstract ? "an abstract name" : "a path";
  Deno.test(`ServiceManager sends readiness, status and shutdown to ${kind}`, async () => {
    await using manager = new Manager(abstract);
    setVariables({ NOTIFY_SOCKET: manager.path });
    using service = new ServiceManager(new Log());
    service.ready();
    assert.equal(await manager.next(), "READY=1");
    service.status("Leased by alice (lease l-1)");
    assert.equal(await manager.next(), "STATUS=Leased by alice (lease l-1)");
    service.status(`${"x".repeat(2000)}\x1b`);
    assert.match(await manager.next(), /^STATUS=x{1000}$/);
    service.status("Leased\x1b[2J (lease l\nMAINPID=1)");
    assert.equal(await manager.next(), "STATUS=Leased\\x1b[2J (lease l\\nMAINPID=1)");
    service.stopping();
    assert.equal(await manager.next(), "STOPPING=1");
  });
}

Deno.test("ServiceManager removes the manager's variables from the environment of children", async () => {
  await using manager = new Manager();
  setVariables({ NOTIFY_SOCKET: manager.path, WATCHDOG_USEC: "60000000", WATCHDOG_PID: "1" });
  using _ = new ServiceManager(new Log());
  for (const name of ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"]) {
    assert.equal(Deno.env.get(name), undefined);
  }
});

Deno.test("ServiceManager sends keep-alive messages until it is disposed", async () => {
  await using manager = new Manager();
  setVariables({
    NOTIFY_SOCKET: manager.path,
    WATCHDOG_USEC: "100000",
    WATCHDOG_PID: String(Deno.pid),
  });
  using _ = new ServiceManager(new Log());
  assert.equal(await manager.next(), "WATCHDOG=1");
  assert.equal(await manager.next(), "WATCHDOG=1");
});

Deno.test("ServiceManager warns once if no manager receives, or the address is not supported", () => {
  const lines: string[] = [];
  const log = new Log([({ message }) => lines.push(message)]);
  setVariables({ NOTIFY_SOCKET: "/nowhere/notify" });
  using service = new ServiceManager(log);
  service.ready();
  service.stopping();
  setVariables({ NOTIFY_SOCKET: "vsock:2:1234" });
  using _ = new ServiceManager(log);
  assert.equal(lines.length, 2);
  assert.match(
    lines[0]!,
    /^Cannot notify the service manager at NOTIFY_SOCKET=\/nowhere\/notify: ENOENT/,
  );
  assert.match(lines[1]!, /expected an absolute path or @name .*, found 'vsock:2:1234'/);
});

Deno.test("ServiceManager logs nothing without a manager", () => {
  const lines: string[] = [];
  using service = new ServiceManager(new Log([({ message }) => lines.push(message)]));
  service.ready();
  assert.deepEqual(lines, []);
});
