/**
 * What the tests of media share: real block devices, some of which fail when told to.
 * They need root, as CI is; without it they fail and say so.
 *
 * @module
 */
import { join } from "node:path";
import type { DriverLog } from "../../driver/manifest.ts";
import { setLoopCapacity } from "../../libc/disks_testing.ts";
import { OPEN, openAt } from "../../libc/files.ts";
import "../../libc/testing.ts";
import { StorageError } from "./problem.ts";

/** A log that keeps what it is told. */
export function recorder(): { readonly log: DriverLog; readonly lines: string[] } {
  const lines: string[] = [];
  const say = (message: string) => void lines.push(message);
  return { log: { debug: say, info: say, warning: say, error: say }, lines };
}

/** A temporary folder. */
export async function folder(): Promise<{ readonly dir: string } & AsyncDisposable> {
  const dir = await Deno.makeTempDir({ prefix: "jmp-storage-" });
  return { dir, [Symbol.asyncDispose]: () => Deno.remove(dir, { recursive: true }) };
}

/** Runs a command of the system. @throws {Error} with what it said when it fails. */
export async function system(name: string, ...args: string[]): Promise<string> {
  if (Deno.uid() !== 0) throw new Error(`Cannot run ${name}: expected to be root, run as root`);
  const path = `${Deno.env.get("PATH") ?? ""}:/usr/sbin:/sbin`;
  const command = new Deno.Command("sh", {
    args: ["-c", 'exec "$0" "$@"', name, ...args],
    env: { PATH: path, LC_ALL: "C" },
  });
  const { success, stdout, stderr } = await command.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  if (!success) throw new Error(`Cannot run ${name} ${args.join(" ")}: ${text(stderr)}`);
  return text(stdout);
}

/** A real block device over a file. */
export interface LoopDevice extends AsyncDisposable {
  /** `/dev/loop7` */
  readonly path: string;
  /** What holds its content. */
  readonly file: string;
  /** Gives it another size; 0 is what a card reader says when the card is pulled. */
  resize(size: number): Promise<void>;
}

/**
 * Sets the size of a device over a file at once, and again until it is so: a write that is under
 * way makes the file longer anew.
 */
async function resize(path: string, file: string, size: number): Promise<void> {
  using device = await Deno.open(path);
  using opened = openAt(undefined, path, OPEN.RDONLY);
  const whole = size - size % SECTOR;
  for (let tries = 0; await device.seek(0, Deno.SeekMode.End) !== whole; tries++) {
    if (tries === 1_000) throw new Error(`${path} does not become ${size} bytes long`);
    await Deno.truncate(file, size);
    setLoopCapacity(opened.fd);
  }
}

const SECTOR = 512;

/** Makes a block device of `size` bytes, or over an existing file. */
export async function loopDevice(
  content: number | { readonly file: string },
  ...options: string[]
): Promise<LoopDevice> {
  await using undo = new AsyncDisposableStack();
  let file = typeof content === "object" ? content.file : "";
  if (typeof content === "number") {
    file = join(undo.use(await folder()).dir, "disk");
    await Deno.writeFile(file, new Uint8Array());
    await Deno.truncate(file, content);
  }
  const path = await system("losetup", ...options, "--show", "--find", file);
  undo.defer(async () => void await system("losetup", "--detach", path));
  const resources = undo.move();
  return {
    path,
    file,
    resize: (size) => resize(path, file, size),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** A block device of which each call can be made to fail. */
export interface FaultyDevice extends AsyncDisposable {
  readonly path: string;
  /** @see faulty_disk_testing.ts */
  tell(command: string): Promise<void>;
  /** Takes the disk from under the device. */
  kill(): Promise<void>;
}

/** Makes a loop device over a file system of which a process of ours answers each call. */
export async function faultyDevice(size: number): Promise<FaultyDevice> {
  await using undo = new AsyncDisposableStack();
  const { dir } = undo.use(await folder());
  const process = undo.use(await faultyDisk(dir, size));
  undo.defer(async () => void await system("umount", "--lazy", dir));
  const { path } = undo.use(await loopDevice({ file: join(dir, "disk") }));
  const resources = undo.move();
  return {
    path,
    tell: (command) => process.tell(command),
    kill: () => process[Symbol.asyncDispose](),
    async [Symbol.asyncDispose]() {
      await resources.disposeAsync();
    },
  };
}

async function faultyDisk(dir: string, size: number) {
  const script = new URL("faulty_disk_testing.ts", import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--quiet", script, dir, String(size)],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const input = child.stdin.getWriter();
  const output = child.stdout.getReader();
  let heard = "";
  const hears = async (word: string) => {
    while (!heard.includes("\n")) {
      const { done, value } = await output.read();
      if (done) throw new Error(`Cannot use the faulty disk: expected ${word}, found it ended`);
      heard += new TextDecoder().decode(value);
    }
    const [line, ...rest] = heard.split("\n");
    heard = rest.join("\n");
    if (line !== word) throw new Error(`Cannot use the faulty disk: ${word} is not ${line}`);
  };
  await hears("ready");
  return {
    async tell(command: string) {
      await input.write(new TextEncoder().encode(`${command}\n`));
      await hears("ok");
    },
    async [Symbol.asyncDispose]() {
      try {
        child.kill("SIGKILL");
      } catch {
        // It has ended already.
      }
      await child.status;
      await output.cancel();
      await input.close().catch(() => {});
    },
  };
}

/** The error that a transfer must fail with. */
export async function failure(transfer: Promise<unknown>): Promise<StorageError> {
  try {
    await transfer;
  } catch (error) {
    if (error instanceof StorageError) return error;
    throw error;
  }
  throw new Error("expected the transfer to fail, and it did not");
}

/** The given bytes in chunks, as a stream that brings them. */
export async function* inChunks(bytes: Uint8Array, size = 65_536): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) {
    yield await Promise.resolve(bytes.subarray(start, start + size));
  }
}
