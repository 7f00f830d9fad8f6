/**
 * Loads the functions of the C library for tests: a library stays open, which the sanitizers
 * would report of the test that was the first to need it. And calls that only tests make.
 *
 * @module
 */
import { closeNow } from "./descriptors.ts";
import { check, functions, loadAll } from "./libc.ts";
import { unixAddress } from "./sockets.ts";
import "./children.ts";
import "./descriptors.ts";
import "./file_limit.ts";
import "./file_pages.ts";
import "./files.ts";
import "./malloc.ts";
import "./path_mtu.ts";
import "./poller.ts";
import "./pty.ts";
import "./ranges.ts";
import "./terminal.ts";

const libc = functions({
  bind: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  recv: { parameters: ["i32", "buffer", "usize", "i32"], result: "isize" },
  setgroups: { parameters: ["usize", "pointer"], result: "i32" },
  setresgid: { parameters: ["u32", "u32", "u32"], result: "i32" },
  setresuid: { parameters: ["u32", "u32", "u32"], result: "i32" },
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
});

loadAll();

/** The user and group `nobody`, on every Linux. */
export const NOBODY = 65534;

/** Gives up root for good, in all threads of this process. @throws {SystemError} */
export function becomeNobody(): void {
  const { setgroups, setresgid, setresuid } = libc();
  check(setgroups(0n, null), "setgroups");
  check(setresgid(NOBODY, NOBODY, NOBODY), "setresgid");
  check(setresuid(NOBODY, NOBODY, NOBODY), "setresuid");
}

const AF_UNIX = 1, SOCK_DGRAM = 2, MSG_DONTWAIT = 0x40;
const MAX_DATAGRAM = 4096;

/** Receives datagrams on a Unix socket. */
export class DatagramReceiver implements Disposable {
  readonly #fd = check(libc().socket(AF_UNIX, SOCK_DGRAM, 0), "socket");

  /** @param path a path, or `@` and an abstract name. @throws {SystemError} */
  constructor(path: string) {
    const address = unixAddress(path)!;
    check(libc().bind(this.#fd, address, address.length), "bind");
  }

  /** The next datagram, if there is one. */
  receive(): string | undefined {
    const buffer = new Uint8Array(MAX_DATAGRAM);
    const length = Number(libc().recv(this.#fd, buffer, BigInt(MAX_DATAGRAM), MSG_DONTWAIT));
    return length < 0 ? undefined : new TextDecoder().decode(buffer.subarray(0, length));
  }

  [Symbol.dispose](): void {
    closeNow(this.#fd);
  }
}
