/** The limit of open files, sockets included, of this process. @module */
import { check, functions } from "./libc.ts";

/** asm-generic/resource.h: the same on x86_64 and aarch64. */
const RLIMIT_NOFILE = 7;

const libc = functions({
  getrlimit: { parameters: ["i32", "buffer"], result: "i32" },
  setrlimit: { parameters: ["i32", "buffer"], result: "i32" },
});

/** The present limit, and how far the process may raise it. */
export interface FileLimit {
  readonly soft: number;
  readonly hard: number;
}

/** Reads the limit. After its first call it needs no descriptor. */
export function fileLimit(): FileLimit {
  const limits = new BigUint64Array(2);
  const found = libc().getrlimit(RLIMIT_NOFILE, new Uint8Array(limits.buffer));
  check(found, "Cannot read the limit of open files");
  return { soft: Number(limits[0]), hard: Number(limits[1]) };
}

/** Raises the limit as far as possible; returns the new one. */
export function raiseFileLimit(): FileLimit {
  const { soft, hard } = fileLimit();
  if (soft < hard) {
    const limits = new BigUint64Array([BigInt(hard), BigInt(hard)]);
    libc().setrlimit(RLIMIT_NOFILE, new Uint8Array(limits.buffer));
  }
  return fileLimit();
}

/** Whether `error` means that this process or host has reached its limit of open files. */
export function isOutOfFiles(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (code === "EMFILE" || code === "ENFILE") return true;
  return typeof message === "string" && /\bE[MN]FILE\b|\(os error 2[34]\)/.test(message);
}

/** Advice for the operator. */
export function outOfFilesAdvice(): string {
  return `this process may have ${fileLimit().soft} open: raise LimitNOFILE= in its unit, or ulimit -n`;
}
