// deno-lint-ignore-file no-console -- its output is heard by the tests.
/**
 * A file system in user space with one file, `disk`, whose faults are commanded on stdin.
 *
 * Usage: `faulty_disk_testing.ts FOLDER SIZE`. Says `ready` when it is mounted; each command is
 * answered with `ok`:
 *
 * | command              | effect                                                       |
 * | -------------------- | ------------------------------------------------------------ |
 * | write EIO FROM       | writes that end behind FROM fail                             |
 * | read EIO FROM        | reads that end behind FROM fail                              |
 * | fsync EIO            | flushes fail                                                 |
 * | fsync-delay SECONDS  | flushes take that long                                       |
 * | stall FROM           | writes that end behind FROM are not answered until `clear`   |
 * | corrupt FROM         | the byte at FROM is stored wrongly                           |
 * | clear                | no more faults                                               |
 *
 * It speaks the kernel's FUSE protocol by itself, version 7.31 (linux/fuse.h).
 *
 * @module
 */
import { concat } from "../../base/bytes.ts";
import { constants } from "node:os";
import process from "node:process";
import { createInterface } from "node:readline";
import { openNow, tryWrite } from "../../libc/descriptors.ts";
import { mountFuse, readOnPool } from "../../libc/disks_testing.ts";
import { OPEN } from "../../libc/files.ts";

/** Operations that the kernel asks for. */
const OP = {
  ...{ LOOKUP: 1, FORGET: 2, GETATTR: 3, SETATTR: 4, OPEN: 14, READ: 15, WRITE: 16, STATFS: 17 },
  ...{ RELEASE: 18, FSYNC: 20, FLUSH: 25, INIT: 26, INTERRUPT: 36, BATCH_FORGET: 42 },
} as const;
const DISK = 2;
const FOPEN_DIRECT_IO = 1;
const MAX_WRITE = 1 << 20, MAX_PAGES = 1 << 22;
const REQUEST_HEADER = 40, ANSWER_HEADER = 16;
const { EIO, ENOENT, ENOSYS } = constants.errno;

type Bytes = Uint8Array<ArrayBuffer>;

const u16 = (...values: number[]): Bytes => new Uint8Array(Uint16Array.from(values).buffer);
const u32 = (...values: number[]): Bytes => new Uint8Array(Uint32Array.from(values).buffer);
const u64 = (...values: number[]): Bytes =>
  new Uint8Array(BigUint64Array.from(values, BigInt).buffer);
const zeros = (count: number): number[] => Array<number>(count).fill(0);

/** A request of the kernel. */
class Request {
  readonly #view: DataView<ArrayBuffer>;

  constructor(bytes: Bytes) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  get opcode(): number {
    return this.#view.getUint32(4, true);
  }
  get unique(): bigint {
    return this.#view.getBigUint64(8, true);
  }
  get node(): number {
    return Number(this.#view.getBigUint64(16, true));
  }
  /** Where a read or write begins. */
  get offset(): number {
    return Number(this.#view.getBigUint64(REQUEST_HEADER + 8, true));
  }
  /** How much is read or written. */
  get length(): number {
    return this.#view.getUint32(REQUEST_HEADER + 16, true);
  }
  /** The kernel's readahead in INIT. */
  get readahead(): number {
    return this.#view.getUint32(REQUEST_HEADER + 8, true);
  }
  get name(): string {
    return new TextDecoder().decode(this.#from(REQUEST_HEADER)).replace(/\0$/, "");
  }
  /** What is to be written. */
  get data(): Bytes {
    return this.#from(2 * REQUEST_HEADER).slice(0, this.length);
  }

  #from(at: number): Bytes {
    return new Uint8Array(
      this.#view.buffer,
      this.#view.byteOffset + at,
      this.#view.byteLength - at,
    );
  }
}

class FaultyDisk {
  readonly #device = openNow("/dev/fuse", OPEN.RDWR);
  readonly #store = temporaryFile();
  readonly #faults = new Map<string, readonly string[]>();
  #stalled: Request[] = [];

  constructor(folder: string, readonly size: number) {
    this.#store.truncateSync(size);
    mountFuse(this.#device, folder);
  }

  /** Answers until it is unmounted. */
  async serve(): Promise<void> {
    const buffer = new Uint8Array(MAX_WRITE + 4096);
    for (let failures = 0; failures < 100;) {
      const length = await readOnPool(this.#device, buffer);
      // A request that was interrupted meanwhile fails once, an unmounted device always.
      failures = length < 0 ? failures + 1 : 0;
      if (length > 0) this.#handle(new Request(buffer.slice(0, length)));
    }
  }

  command([kind, ...values]: readonly string[]): void {
    if (kind !== "clear") return void this.#faults.set(kind!, values);
    this.#faults.clear();
    for (const request of this.#stalled.splice(0)) this.#write(request);
  }

  #handle(request: Request): void {
    switch (request.opcode) {
      case OP.INIT:
        return this.#answer(
          request,
          ...[u32(7, 31, request.readahead, MAX_PAGES), u16(16, 12), u32(MAX_WRITE, 1)],
          ...[u16(256, 0), u32(...zeros(8))],
        );
      case OP.LOOKUP:
        if (request.name !== "disk") return this.#fail(request, ENOENT);
        return this.#answer(request, u64(DISK, 0, 0, 0), u32(0, 0), this.#attributes(DISK));
      case OP.GETATTR:
      case OP.SETATTR:
        return this.#answer(request, u64(0), u32(0, 0), this.#attributes(request.node));
      case OP.OPEN:
        return this.#answer(request, u64(1), u32(FOPEN_DIRECT_IO, 0));
      case OP.READ:
        return this.#read(request);
      case OP.WRITE:
        return this.#write(request);
      case OP.FSYNC:
        return this.#flush(request);
      case OP.STATFS:
        return this.#answer(
          request,
          ...[u64(this.size / 4096, 0, 0, 2, 0), u32(4096, 255, 4096, 0, ...zeros(6))],
        );
      case OP.FLUSH:
      case OP.RELEASE:
        return this.#answer(request);
      case OP.FORGET:
      case OP.BATCH_FORGET:
      case OP.INTERRUPT:
        return;
      default:
        return this.#fail(request, ENOSYS);
    }
  }

  #write(request: Request): void {
    const { offset, length, data } = request;
    const end = offset + length;
    const stalls = this.#faults.get("stall");
    if (stalls && end > Number(stalls[0])) return void this.#stalled.push(request);
    if (this.#failsAt("write", end)) return this.#fail(request, EIO);
    const wrong = Number(this.#faults.get("corrupt")?.[0] ?? -1);
    if (offset <= wrong && wrong < end) data[wrong - offset]! ^= 1;
    this.#store.seekSync(offset, Deno.SeekMode.Start);
    for (let at = 0; at < length;) at += this.#store.writeSync(data.subarray(at));
    this.#answer(request, u32(length, 0));
  }

  #read(request: Request): void {
    const length = Math.max(0, Math.min(request.length, this.size - request.offset));
    if (this.#failsAt("read", request.offset + length)) return this.#fail(request, EIO);
    const data = new Uint8Array(length);
    this.#store.seekSync(request.offset, Deno.SeekMode.Start);
    for (let at = 0; at < length;) at += this.#store.readSync(data.subarray(at)) ?? length;
    this.#answer(request, data);
  }

  #flush(request: Request): void {
    const fails = this.#faults.has("fsync");
    const answer = () => fails ? this.#fail(request, EIO) : this.#answer(request);
    const delay = this.#faults.get("fsync-delay");
    if (delay) setTimeout(answer, 1_000 * Number(delay[0]));
    else answer();
  }

  #failsAt(kind: string, end: number): boolean {
    const fault = this.#faults.get(kind);
    return fault !== undefined && end > Number(fault[1] ?? 0);
  }

  #attributes(node: number): Bytes {
    const [length, mode] = node === DISK ? [this.size, 0o100644] : [0, 0o40755];
    const now = Math.floor(Date.now() / 1000);
    const head = u64(node, length, Math.floor(length / 512), now, now, now);
    return concat([head, u32(0, 0, 0, mode, 1, 0, 0, 0, 4096, 0)]);
  }

  #answer(request: Request, ...parts: readonly Bytes[]): void {
    this.#send(request, 0, concat(parts));
  }

  #fail(request: Request, errno: number): void {
    this.#send(request, -errno, new Uint8Array());
  }

  #send({ unique }: Request, error: number, body: Bytes): void {
    const answer = new Uint8Array(ANSWER_HEADER + body.length);
    const view = new DataView(answer.buffer);
    view.setUint32(0, answer.length, true);
    view.setInt32(4, error, true);
    view.setBigUint64(8, unique, true);
    answer.set(body, ANSWER_HEADER);
    // Fails where the call was interrupted, or the file system unmounted.
    tryWrite(this.#device, answer);
  }
}

/** A file without a name, which is gone with its process. */
function temporaryFile(): Deno.FsFile {
  const path = Deno.makeTempFileSync({ prefix: "jmp-disk-" });
  const file = Deno.openSync(path, { read: true, write: true });
  Deno.removeSync(path);
  return file;
}

const [folder, size] = Deno.args;
const disk = new FaultyDisk(folder!, Number(size));
console.log("ready");
createInterface({ input: process.stdin }).on("line", (line) => {
  disk.command(line.split(" "));
  console.log("ok");
}).on("close", () => Deno.exit(0));
await disk.serve();
Deno.exit(0);
