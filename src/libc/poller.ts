/**
 * Waits for many descriptors on one thread, by epoll(7). A wait for each would occupy a thread of
 * Deno's pool (32 in all) while its device is silent, and so block file access and name
 * resolution of the whole process.
 *
 * @module
 */
import { closeNow, tryWrite } from "./descriptors.ts";
import { check, functions } from "./libc.ts";

const libc = functions({
  epoll_create1: { parameters: ["i32"], result: "i32" },
  epoll_ctl: { parameters: ["i32", "i32", "i32", "buffer"], result: "i32" },
  epoll_wait: { parameters: ["i32", "buffer", "i32", "i32"], result: "i32", nonblocking: true },
  eventfd: { parameters: ["u32", "i32"], result: "i32" },
});

const EPOLLIN = 0x001;
const EPOLLOUT = 0x004;
const EPOLLERR = 0x008;
const EPOLLHUP = 0x010;
const EPOLLONESHOT = 1 << 30;
const CTL = { ADD: 1, DEL: 2, MOD: 3 } as const;
const CLOEXEC = 0o2000000;
const NONBLOCK = 0o4000;

/** struct epoll_event is packed on x86_64 only: events (u32), then 64 bits of ours. */
const DATA_AT = Deno.build.arch === "x86_64" ? 4 : 8;
const EVENT_SIZE = DATA_AT + 8;
const EVENTS = 32;
/** The id of the eventfd that ends a wait; those of descriptors start above. */
const WAKE_ID = 0;

/** The result of a wait. */
export type Readiness =
  /** The call can be tried again. */
  | "ready"
  /** The device hung up: a call that would block now never succeeds. */
  | "hangup"
  /** The watch was closed. */
  | "closed";

type Direction = "in" | "out";

/** Waits for the readiness of a descriptor: for one reader and one writer at a time. */
export class Watch {
  readonly #waiting = new Map<Direction, (readiness: Readiness) => void>();
  #closed = false;

  /** @internal */
  constructor(
    readonly fd: number,
    readonly id: number,
    private readonly thread: PollThread,
  ) {}

  /** Resolves when reading is worth a try. */
  readable(): Promise<Readiness> {
    return this.#wait("in");
  }

  /** Resolves when writing is worth a try. */
  writable(): Promise<Readiness> {
    return this.#wait("out");
  }

  /**
   * Ends both waits at once: when this returns, the descriptor may be closed. Resolves when the
   * thread has ended, if this was the last watch.
   */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#resolve(["in", "out"], "closed");
    await this.thread.remove(this);
  }

  /** @internal The events of the present waits. */
  get mask(): number {
    return (this.#waiting.has("in") ? EPOLLIN : 0) | (this.#waiting.has("out") ? EPOLLOUT : 0);
  }

  /** @internal Resolves the waits for these events, and rearms the others. */
  deliver(events: number): void {
    if (this.#closed) return;
    if (events & (EPOLLHUP | EPOLLERR)) return this.#resolve(["in", "out"], "hangup");
    if (events & EPOLLIN) this.#resolve(["in"], "ready");
    if (events & EPOLLOUT) this.#resolve(["out"], "ready");
    if (this.mask) this.thread.arm(this);
  }

  #wait(direction: Direction): Promise<Readiness> {
    if (this.#closed) return Promise.resolve("closed");
    const { promise, resolve } = Promise.withResolvers<Readiness>();
    this.#waiting.set(direction, resolve);
    this.thread.arm(this);
    return promise;
  }

  #resolve(directions: Direction[], readiness: Readiness): void {
    for (const direction of directions) {
      const resolve = this.#waiting.get(direction);
      this.#waiting.delete(direction);
      resolve?.(readiness);
    }
  }
}

/** Makes watches; its thread runs only while there are any. */
class Poller {
  #thread: PollThread | undefined;

  /** Watches a pollable descriptor. @throws {SystemError} EPERM for a regular file. */
  watch(fd: number): Watch {
    if (!this.#thread || this.#thread.stopping) this.#thread = new PollThread();
    return this.#thread.add(fd);
  }
}

/** A thread that waits, from the first watch to the end of the last. */
class PollThread {
  readonly #watches = new Map<number, Watch>();
  readonly #epoll = check(libc().epoll_create1(CLOEXEC), "epoll_create1");
  readonly #wake = check(libc().eventfd(0, CLOEXEC | NONBLOCK), "eventfd");
  readonly #done: Promise<void>;
  #nextId = WAKE_ID + 1;
  #stopping = false;

  constructor() {
    this.#control(CTL.ADD, this.#wake, EPOLLIN, WAKE_ID);
    this.#done = this.#run();
  }

  /** Whether the last watch has ended, so that a new one needs another thread. */
  get stopping(): boolean {
    return this.#stopping;
  }

  add(fd: number): Watch {
    const watch = new Watch(fd, this.#nextId++, this);
    try {
      this.#control(CTL.ADD, fd, EPOLLONESHOT, watch.id);
      this.#watches.set(watch.id, watch);
      return watch;
    } finally {
      if (this.#watches.size === 0) void this.#stop();
    }
  }

  arm(watch: Watch): void {
    this.#control(CTL.MOD, watch.fd, watch.mask | EPOLLONESHOT, watch.id);
  }

  async remove(watch: Watch): Promise<void> {
    this.#control(CTL.DEL, watch.fd, 0, watch.id);
    this.#watches.delete(watch.id);
    if (this.#watches.size === 0) await this.#stop();
  }

  #stop(): Promise<void> {
    this.#stopping = true;
    tryWrite(this.#wake, new Uint8Array(BigUint64Array.of(1n).buffer));
    return this.#done;
  }

  async #run(): Promise<void> {
    const events = new Uint8Array(EVENTS * EVENT_SIZE);
    while (!this.#stopping) {
      // -1 here is EINTR: any signal to the process ends the wait.
      const count = await libc().epoll_wait(this.#epoll, events, EVENTS, -1);
      for (let index = 0; index < count; index++) this.#dispatch(events, index);
    }
    closeNow(this.#epoll);
    closeNow(this.#wake);
  }

  #dispatch(events: Uint8Array<ArrayBuffer>, index: number): void {
    const view = new DataView(events.buffer, index * EVENT_SIZE, EVENT_SIZE);
    // An event may arrive after the end of its watch; ids are never reused.
    const watch = this.#watches.get(Number(view.getBigUint64(DATA_AT, true)));
    watch?.deliver(view.getUint32(0, true));
  }

  #control(operation: number, fd: number, events: number, id: number): void {
    const event = new Uint8Array(EVENT_SIZE);
    const view = new DataView(event.buffer);
    view.setUint32(0, events, true);
    view.setBigUint64(DATA_AT, BigInt(id), true);
    check(libc().epoll_ctl(this.#epoll, operation, fd, event), "epoll_ctl");
  }
}

/** The poller of this process. */
export const poller = new Poller();
