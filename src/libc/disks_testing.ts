/** Calls that only tests of disks and folders make. @module */
import { check, cString, functions } from "./libc.ts";

const libc = functions({
  ioctl: { parameters: ["i32", "usize", "usize"], result: "i32" },
  mount: { parameters: ["buffer", "buffer", "buffer", "usize", "buffer"], result: "i32" },
  read: { parameters: ["i32", "buffer", "usize"], result: "isize", nonblocking: true },
  renameat2: { parameters: ["i32", "buffer", "i32", "buffer", "u32"], result: "i32" },
});

/** linux/loop.h */
const LOOP_SET_CAPACITY = 0x4c07n;
/** linux/fcntl.h and linux/fs.h */
const AT_FDCWD = -100, RENAME_EXCHANGE = 2;

/** Lets a loop device look at the size of its file again. @throws {SystemError} */
export function setLoopCapacity(fd: number): void {
  check(libc().ioctl(fd, LOOP_SET_CAPACITY, 0n), "ioctl LOOP_SET_CAPACITY");
}

/** Mounts a file system in user space, which answers at the descriptor of `/dev/fuse`. @throws {SystemError} */
export function mountFuse(fd: number, folder: string): void {
  const options = `fd=${fd},rootmode=40000,user_id=0,group_id=0,allow_other`;
  const names = ["faulty_disk", folder, "fuse"].map(cString);
  const [source, target, type] = names as [Uint8Array<ArrayBuffer>, ...typeof names];
  check(libc().mount(source, target!, type!, 0n, cString(options)), `mount ${folder}`);
}

/** Waits for bytes on the thread pool. @returns how many were read; negative where that failed */
export async function readOnPool(fd: number, into: Uint8Array<ArrayBuffer>): Promise<number> {
  return Number(await libc().read(fd, into, BigInt(into.length)));
}

/** Swaps what two names stand for, in one step; without effect where one of them is missing. */
export function exchange(one: Uint8Array<ArrayBuffer>, other: Uint8Array<ArrayBuffer>): void {
  libc().renameat2(AT_FDCWD, one, AT_FDCWD, other, RENAME_EXCHANGE);
}
