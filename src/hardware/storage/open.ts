/** Opens a medium: waits for it, and keeps others from using it. @module */
import { InvalidArgument, Timeout } from "../../wire/error.ts";
import { closeDevice, lock, openDevice } from "../../libc/descriptors.ts";
import { OPEN } from "../../libc/files.ts";
import { hasErrno, SystemError } from "../../libc/libc.ts";
import { endOf } from "../../libc/ranges.ts";
import { close, Medium, type MediumOptions, type Opened } from "./medium.ts";
import { withDeadline } from "../../base/deadline.ts";
import { sleep } from "../../base/sleep.ts";
import { errnoOf, inUse, transferProblem } from "./problem.ts";
import { isReadOnly, usersOf } from "./users.ts";

/** Time between attempts in milliseconds. */
const POLL_MS = 200;
/** Longest time of one attempt in milliseconds; the first one makes the kernel read a card. */
const ATTEMPT_MS = 60_000;

/** Errors that may pass by themselves: no card yet, one that starts, another transfer that ends. */
const PASSING: Readonly<Record<string, string>> = {
  ENOENT: "nothing at this path",
  ENOMEDIUM: "a device without a medium",
  ENXIO: "a name without a device",
  ENODEV: "a name without a device",
  EIO: "a device that does not answer",
  EBUSY: "it held by another transfer or program, or mounted in another mount namespace",
};

/** What the medium is opened for. */
export type Access = "write" | "read";

const VERBS: Readonly<Record<Access, string>> = { write: "write to", read: "read" };

/**
 * Opens `path`, and waits for it if it is missing or has no medium. A device that is opened for
 * writing is claimed, so that nobody can mount it meanwhile.
 *
 * @throws {StorageError} if it is in use, read-only or not permitted.
 * @throws {Timeout} if it does not appear within `waitMs`.
 * @throws {InvalidArgument} if it is neither a block device nor a file.
 */
export async function openMedium(access: Access, options: MediumOptions): Promise<Medium> {
  const { path, signal } = options;
  try {
    return new Medium(await opened(access, options), options);
  } catch (error) {
    if (error instanceof InvalidArgument || error instanceof Timeout) throw error;
    const verb = VERBS[access];
    const cancelled = signal.aborted;
    throw transferProblem(error, {
      verb,
      path,
      kind: "device",
      bytes: 0,
      begun: false,
      gone: false,
      cancelled,
    });
  }
}

async function opened(access: Access, options: MediumOptions): Promise<Opened> {
  const { path, log, signal, waitMs = 10_000, busyMs = 60_000 } = options;
  const start = performance.now();
  for (let said = "";;) {
    const found = await attempt(access, path, signal);
    if (typeof found !== "string") return found;
    const bound = found === PASSING["EBUSY"] ? busyMs : waitMs;
    const left = start + bound - performance.now();
    if (left <= 0) throw absent(access, path, bound, found);
    if (found !== said) log.info(`waiting for ${path}: found ${found}`);
    said = found;
    await sleep(Math.min(POLL_MS, left), signal);
    signal.throwIfAborted();
  }
}

function absent(access: Access, path: string, waitMs: number, found: string): Timeout {
  return new Timeout(
    `Cannot ${VERBS[access]} ${path}: expected a medium within ${
      waitMs / 1_000
    } s, found ${found}; ` +
      "check the path, the medium and who uses it",
  );
}

/** Tries to open the medium; the result is a text if the problem may pass. */
async function attempt(
  access: Access,
  path: string,
  signal: AbortSignal,
): Promise<Opened | string> {
  const late = () => {
    return new Timeout(
      `Cannot ${VERBS[access]} ${path}: expected it to open within ${ATTEMPT_MS / 1_000} s, ` +
        "found no answer; unplug it and plug it in again",
    );
  };
  const opening = openNow(access, path);
  try {
    return await withDeadline(opening, { signal, ms: ATTEMPT_MS, late });
  } catch (error) {
    // It may still open later; then it is closed.
    opening.then(close, () => {});
    const passing = signal.aborted ? undefined : PASSING[errnoOf(error) ?? ""];
    if (passing === undefined) throw error;
    return passing;
  }
}

async function openNow(access: Access, path: string): Promise<Opened> {
  const { kind, rdev } = await kindOf(path);
  const mode = access === "write" ? { write: true } : { read: true };
  // Its errors tell the reason, and it wakes the device before the claim.
  using probe = await Deno.open(path, mode);
  void probe;
  await using undo = new AsyncDisposableStack();
  const fd = await hold(access, path, kind, rdev);
  undo.defer(() => closeDevice(fd));
  const size = await endOf(fd);
  if (kind === "device" && size === 0) throw failed("ENOMEDIUM");
  const same = `/proc/self/fd/${fd}`;
  const data = undo.use(await Deno.open(same, mode));
  const syncer = undo.use(await Deno.open(same, mode));
  // The first fsync also reports errors of earlier writers.
  if (access === "write") await syncer.sync().catch(() => {});
  undo.move();
  return { kind, rdev, size, data, syncer, fd };
}

async function kindOf(path: string): Promise<Pick<Opened, "kind" | "rdev">> {
  const { isFile, isBlockDevice, rdev } = await Deno.stat(path);
  if (isBlockDevice) return { kind: "device", rdev: rdev! };
  // A copy to a missing device leaves a plain file in /dev, which is in memory.
  const stray = isFile && /^\/dev\/(?!shm\/)/.test(path);
  if (isFile && !stray) return { kind: "file", rdev: rdev! };
  const found = stray ? "a plain file among the devices; remove it" : "something else";
  throw new InvalidArgument(
    `Cannot use ${path}: expected a block device or a file, found ${found}; correct the path`,
  );
}

/** Opens a descriptor that keeps others from writing, or one for reading. */
async function hold(
  access: Access,
  path: string,
  kind: Opened["kind"],
  rdev: number,
): Promise<number> {
  if (access === "read") return await openDevice(path, OPEN.RDONLY | OPEN.CLOEXEC);
  if (kind === "device") return await claim(path, rdev);
  const fd = await openDevice(path, OPEN.WRONLY | OPEN.CLOEXEC);
  if (tryLock(fd)) return fd;
  await closeDevice(fd);
  throw failed("EBUSY");
}

/** Locks an open file; false if another process has the lock. */
function tryLock(fd: number): boolean {
  try {
    lock(fd);
    return true;
  } catch {
    return false;
  }
}

/**
 * Opens a block device so that nobody can mount it or a partition of it, use it as swap or claim
 * it while it is open (open(2): O_EXCL without O_CREAT). The kernel refuses if somebody does
 * already, in any mount namespace.
 */
async function claim(path: string, rdev: number): Promise<number> {
  if (await isReadOnly(rdev)) throw failed("EROFS");
  try {
    const fd = await openDevice(path, OPEN.WRONLY | OPEN.EXCL | OPEN.CLOEXEC);
    // udev does not touch a locked device. It may be locked by a program that reads, which is no harm.
    tryLock(fd);
    return fd;
  } catch (error) {
    const users = hasErrno(error, "EBUSY") ? await usersOf(rdev) : [];
    throw users.length > 0 ? inUse(path, users) : error;
  }
}

function failed(code: string): SystemError {
  return new SystemError("open", code);
}
