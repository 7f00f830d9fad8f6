/**
 * One open device and the clients that use it. All of them hear all that it says, and
 * what they send is sent in the order it comes; it is closed when the last one leaves.
 *
 * @module
 */
import { DeviceError, type DriverLog, messageOf } from "../../src/driver/mod.ts";
import { SerialStream, type SerialStreamOptions } from "./serial_stream.ts";
import type { SerialDevice } from "./device.ts";
import type { PosixPort } from "./port.ts";

/** How far a client may fall behind the others before it is let go, in bytes. */
const MAX_BEHIND = 1 << 20;

/** Shares a device until it is closed, unplugged or left by all. */
export class Hub {
  /** Resolves when the kernel has let go of the device. */
  readonly closed: Promise<void>;
  readonly #device: SerialDevice;
  readonly #log: DriverLog;
  readonly #members = new Set<PortStream>();
  #alive = true;
  #uses = 0;

  constructor(device: SerialDevice, log: DriverLog) {
    this.#device = device;
    this.#log = log;
    this.closed = new Promise((resolve) => device.once("close", resolve));
    device.once("end", () => this.#gone("hung up or was unplugged"));
    device.on("error", (error) => this.#gone(`failed: ${messageOf(error)}`));
  }

  /** Whether it can still be joined. */
  get alive(): boolean {
    return this.#alive;
  }

  /** A client's own stream; it hears what the device says from now on. */
  join(options: SerialStreamOptions): SerialStream {
    const member = new PortStream(this, options);
    if (this.#members.size === 0) {
      this.#device.on("data", (chunk: Uint8Array) => this.#spread(chunk));
    }
    this.#members.add(member);
    this.#device.resume();
    return member;
  }

  /** Ends all streams and closes the device. */
  close(): Promise<void> {
    if (this.#alive) {
      this.#alive = false;
      for (const member of this.#members) member.push(null);
      this.#members.clear();
      this.#device.destroy();
    }
    return this.closed;
  }

  /** Keeps the device open for the time of `action`. */
  async use(action: (port: PosixPort) => void | Promise<void>): Promise<void> {
    this.#uses++;
    try {
      await action(this.#device.line);
    } finally {
      this.#uses--;
      this.closeUnused();
    }
  }

  /** Closes the device unless somebody uses it. */
  closeUnused(): void {
    if (this.#members.size === 0 && this.#uses === 0) void this.close();
  }

  /** @internal */
  leave(member: PortStream): void {
    if (this.#members.delete(member)) this.closeUnused();
  }

  /** @internal */
  resume(): void {
    if (this.#alive) this.#device.resume();
  }

  /**
   * @internal Resolves when the kernel took the bytes. Without a device they are lost,
   * which the end of the stream tells better than a failure that would cut off what the
   * device said last.
   */
  send(bytes: Uint8Array): Promise<void> {
    if (!this.#alive) return Promise.resolve();
    return new Promise((resolve) => this.#device.write(bytes, () => resolve()));
  }

  /** The device is read at the pace of its fastest reader; the others have some time. */
  #spread(chunk: Uint8Array): void {
    let taken = false;
    for (const member of this.#members) {
      taken = member.offer(chunk) || taken;
      if (member.readableLength > MAX_BEHIND) member.destroy(tooSlow());
    }
    if (!taken) this.#device.pause();
  }

  #gone(reason: string): void {
    if (!this.#alive) return;
    this.#log.warning(`${this.#device.path} ${reason}`);
    void this.close();
  }
}

function tooSlow(): DeviceError {
  return new DeviceError(
    `Cannot go on with this stream: expected its reader to keep up with the others, found it ` +
      `${MAX_BEHIND >> 20} MiB behind; connect again`,
  );
}

class PortStream extends SerialStream {
  readonly #hub: Hub;

  constructor(hub: Hub, options: SerialStreamOptions) {
    super(options, { readableHighWaterMark: 64 * 1024 });
    this.#hub = hub;
  }

  /** @returns whether it can take more. */
  offer(chunk: Uint8Array): boolean {
    return this.push(chunk);
  }

  override _read(): void {
    this.#hub.resume();
  }

  protected override send(bytes: Uint8Array): Promise<void> {
    return this.#hub.send(bytes);
  }

  protected override release(): void {
    this.#hub.leave(this);
  }
}
