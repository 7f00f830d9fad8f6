/** Helpers for the tests of this family: ptys, open drivers, open descriptors. @module */
import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import type { Duplex } from "node:stream";
import { openDriver } from "../../src/tree/testing.ts";
import { closeNow, openNow } from "../../src/libc/descriptors.ts";
import { OPEN } from "../../src/libc/files.ts";
import { openPty as openMaster } from "../../src/libc/pty.ts";
import "../../src/libc/testing.ts";
import { pyserial } from "./manifest.ts";
import { PosixPort } from "./port.ts";

/** A pty: `path` is what the driver opens, `master` is the device behind it. */
export interface Pty extends AsyncDisposable {
  readonly path: string;
  readonly master: PosixPort;
  /** Reads exactly `count` bytes that the driver sent. */
  receive(count: number): Promise<Buffer>;
  /** How often this process has it open. */
  openings(): Promise<number>;
}

/** Opens a pty, or only its master if it is `alone`; disposing it unplugs the device. */
export function openPty({ alone = false } = {}): Pty {
  const { fd, path } = openMaster();
  const master = new PosixPort(fd, { path, baudRate: 38400 });
  // Without an open slave the master returns EIO, which a serial device never does.
  let slave = alone ? undefined : rawOpen(path);
  return {
    path,
    master,
    receive: (count) => receive(master, count),
    openings: async () => (await openFiles(new RegExp(`^${path}$`))).length - 1,
    async [Symbol.asyncDispose]() {
      if (slave !== undefined) closeNow(slave);
      slave = undefined;
      await master.close();
    },
  };
}

async function receive(port: PosixPort, count: number): Promise<Buffer> {
  const buffer = Buffer.alloc(count);
  for (let filled = 0; filled < count;) {
    const { bytesRead } = await port.read(buffer, filled, count - filled);
    assert.notEqual(bytesRead, 0, `the pty ended after ${filled} of ${count} bytes`);
    filled += bytesRead;
  }
  return buffer;
}

/** Echoes everything that the driver sends, until the port is closed. */
export async function echo(port: PosixPort): Promise<void> {
  const buffer = Buffer.alloc(65536);
  while (port.isOpen) {
    const { bytesRead } = await port.read(buffer, 0, buffer.length).catch(() => ({ bytesRead: 0 }));
    if (bytesRead === 0) return;
    await port.write(buffer.subarray(0, bytesRead)).catch(() => {});
  }
}

/** An open driver; disposing it ends the lease. */
export interface Opened extends AsyncDisposable {
  readonly logged: string[];
  connect(signal?: AbortSignal): Promise<Duplex>;
  scrollback(): Promise<Duplex>;
  call(method: string, ...args: boolean[]): Promise<unknown>;
}

/** Opens the driver as a lease does. */
export async function openSerial(config: Record<string, unknown>): Promise<Opened> {
  const opened = await openDriver(pyserial, config, { path: "serial" });
  return {
    ...opened,
    connect: (signal) => opened.bytes("connect", signal),
    scrollback: () => opened.bytes("scrollback"),
  };
}

/** Reads `count` bytes of a stream, which stays open. */
export async function take(stream: Duplex, count: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= count) break;
  }
  return Buffer.concat(chunks);
}

/** Waits until a stream has been destroyed and has released its resources. */
export function closed(stream: Duplex): Promise<void> {
  if (stream.closed) return Promise.resolve();
  return new Promise((resolve) => stream.once("close", () => resolve()));
}

/** Writes bytes, and waits until the device has accepted them. */
export function send(stream: Duplex, bytes: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(bytes, (error) => error ? reject(error) : resolve());
  });
}

/** The paths behind this process's descriptors that match `pattern`. */
export async function openFiles(pattern: RegExp): Promise<string[]> {
  const targets: string[] = [];
  for await (const { name } of Deno.readDir("/proc/self/fd")) {
    const target = await Deno.readLink(`/proc/self/fd/${name}`).catch(() => "");
    if (pattern.test(target)) targets.push(target);
  }
  return targets;
}

/** Opens a terminal with plain calls, not with the code under test. */
export function rawOpen(path: string): number {
  return openNow(path, OPEN.RDWR | OPEN.NOCTTY | OPEN.NONBLOCK | OPEN.CLOEXEC);
}
