/** How many files, sockets included, a process may have open. @module */
import { check, functions } from "./libc.ts";

/** asm-generic/resource.h: the same on x86_64 and aarch64. */
const RLIMIT_NOFILE = 7;

const libc = functions({
  getrlimit: { parameters: ["i32", "buffer"], result: "i32" },
  setrlimit: { parameters: ["i32", "buffer"], result: "i32" },
});

/** What holds now, and how far a process may raise it by itself. */
export interface FileLimit {
  readonly soft: number;
  readonly hard: number;
}

/** Needs no descriptor, once it was called before. */
export function fileLimit(): FileLimit {
  const limits = new BigUint64Array(2);
  const found = libc().getrlimit(RLIMIT_NOFILE, new Uint8Array(limits.buffer));
  check(found, "Cannot read the limit of open files");
  return { soft: Number(limits[0]), hard: Number(limits[1]) };
}

/** Takes as many as may be had; what cannot be raised stays. */
export function raiseFileLimit(): FileLimit {
  const { soft, hard } = fileLimit();
  if (soft < hard) {
    const limits = new BigUint64Array([BigInt(hard), BigInt(hard)]);
    libc().setrlimit(RLIMIT_NOFILE, new Uint8Array(limits.buffer));
  }
  return fileLimit();
}

/** Whether `error` says that no more files can be opened, by this process or on this host. */
export function isOutOfFiles(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (code === "EMFILE" || code === "ENFILE") return true;
  return typeof message === "string" && /\bE[MN]FILE\b|\(os error 2[34]\)/.test(message);
}

/** What an operator can do about it. */
export function outOfFilesAdvice(): string {
  return `this process may have ${fileLimit().soft} open: raise LimitNOFILE= in its unit, or ulimit -n`;
}
