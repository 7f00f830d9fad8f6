/** Waiting for child processes that Deno did not start. @module */
import { functions } from "./libc.ts";

/** wait.h and waitid(2): the same on x86_64 and aarch64. */
const P_ALL = 0, WNOHANG = 1, WEXITED = 4, WNOWAIT = 0x0100_0000;

/** `siginfo_t` is 128 bytes long, and `si_pid` at 16 where a long has 64 bits. */
const SIGINFO_SIZE = 128, SI_PID = 16;

const libc = functions({
  waitid: { parameters: ["i32", "u32", "buffer", "i32"], result: "i32" },
  waitpid: { parameters: ["i32", "pointer", "i32"], result: "i32" },
});

/** Whether a child has ended that nobody has waited for; it stays a zombie. */
export function hasZombie(): boolean {
  const info = new Uint8Array(SIGINFO_SIZE);
  const found = libc().waitid(P_ALL, 0, info, WEXITED | WNOHANG | WNOWAIT) === 0;
  return found && new DataView(info.buffer).getInt32(SI_PID, true) !== 0;
}

/** Waits for a zombie, which ends it. */
export function reap(pid: number): void {
  libc().waitpid(pid, null, WNOHANG);
}
