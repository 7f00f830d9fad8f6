/**
 * One open device and the clients that share it. Each client receives everything; their output is
 * sent in the order in which it arrives. The device is closed when the last client leaves.
 *
 * @module
 */
import { DeviceError, type DriverLog, messageOf } from "../../src/driver/mod.ts";
import { SerialStream, type SerialStreamOptions } from "./serial_stream.ts";
import type { SerialDevice } from "./device.ts";
import type { PosixPort } from "./port.ts";

/** How far a client may fall behind the others before it is disconnected, in bytes. */
const MAX_BEHIND = 1 << 20;

/** Shares a device until it is closed or unplugged, or its last client leaves. */
export class Hub {
  /** Resolves when the kernel has closed the device. */
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

  /** Adds a client, whose stream receives the device's output from now on. */
  join(options: SerialStreamOptions): SerialStream {
    const member = new PortStream(this, options);
    if (this.#members.size === 0) {
      this.#device.on("data", (chunk: Uint8Array) => this.#spread(chunk));
    }
    this.#members.add(member);
    this.#device.resume();
    return member;
  }

  /** Ends all streams and closes the device. @param loss why it was lost, if it was */
  close(loss?: string): Promise<void> {
    if (this.#alive) {
      this.#alive = false;
      for (const member of this.#members) {
        if (loss === undefined) member.push(null);
        else member.lose(loss);
      }
      this.#members.clear();
      this.#device.destroy();
    }
    return this.closed;
  }

  /** Keeps the device open during `action`. */
  async use(action: (port: PosixPort) => void | Promise<void>): Promise<void> {
    this.#uses++;
    try {
      await action(this.#device.line);
    } finally {
      this.#uses--;
      this.closeUnused();
    }
  }

  /** Closes the device unless it is in use. */
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
   * @internal Sends bytes; resolves when the kernel has accepted them. Drops them if the device is
   * gone: the stream ends by itself, and an error would cut off the device's last output.
   */
  send(bytes: Uint8Array): Promise<void> {
    if (!this.#alive) return Promise.resolve();
    return new Promise((resolve) => this.#device.write(bytes, () => resolve()));
  }

  /** Reads at the pace of the fastest client; slower ones may fall behind for a while. */
  #spread(chunk: Uint8Array): void {
    let taken = false;
    for (const member of this.#members) {
      taken = member.push(chunk) || taken;
      if (member.readableLength > MAX_BEHIND) member.destroy(tooSlow());
    }
    if (!taken) this.#device.pause();
  }

  #gone(reason: string): void {
    if (!this.#alive) return;
    const loss = `${this.#device.path} ${reason}`;
    this.#log.warning(loss);
    void this.close(loss);
  }
}

function tooSlow(): DeviceError {
  return new DeviceError(
    `Disconnected: this client read ${
      MAX_BEHIND >> 20
    } MiB behind the other clients of the port; ` +
      "connect again",
  );
}

class PortStream extends SerialStream {
  readonly #hub: Hub;

  constructor(hub: Hub, options: SerialStreamOptions) {
    super(options, { readableHighWaterMark: 64 * 1024 });
    this.#hub = hub;
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
