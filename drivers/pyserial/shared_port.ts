/** The device of one driver, opened on demand and only once at a time. @module */
import { fulfilledWithin } from "../../src/base/deadline.ts";
import { DeviceError, type DriverLog, Timeout } from "../../src/driver/mod.ts";
import type { SerialStream, SerialStreamOptions } from "./serial_stream.ts";
import { openDevice } from "./device.ts";
import { Hub } from "./hub.ts";
import type { PosixPort } from "./port.ts";

/** Longest wait for the previous opening of the device to be closed, in milliseconds. */
const CLOSE_MS = 5_000;

/** What to open, and how. */
export interface SharedPortOptions {
  /** The port's name for messages. */
  readonly name: string;
  /** Finds the path to open; called for each opening. */
  readonly locate: () => Promise<string>;
  readonly baudRate: number;
  /** Keeps DTR raised when the device is closed. */
  readonly disableHupcl: boolean;
  readonly log: DriverLog;
}

/** A device that is open for as long as a client uses it. */
export class SharedPort {
  readonly #options: SharedPortOptions;
  /** The latest opening of the device, which may be closed. */
  #hub: Hub | undefined;
  #opening: Promise<Hub> | undefined;
  #disposed = false;

  constructor(options: SharedPortOptions) {
    this.#options = options;
  }

  /**
   * Opens a stream of the device for one client.
   *
   * @throws {DeviceError} if the device is missing, busy or not permitted.
   * @throws {Timeout} if its previous opening is not closed within 5 s.
   */
  join(options: SerialStreamOptions, signal: AbortSignal): Promise<SerialStream> {
    return this.#attach((hub) => {
      if (!signal.aborted) return hub.join(options);
      hub.closeUnused();
      throw signal.reason;
    });
  }

  /** Runs `action` on the port, which is opened for this if it is not in use. @see join */
  async use(action: (port: PosixPort) => void | Promise<void>): Promise<void> {
    await this.#attach((hub) => hub.use(action));
  }

  /** Ends all streams; resolves when the device is free, or after 5 s. */
  async close(): Promise<void> {
    const hub = await this.#opening?.catch(() => undefined) ?? this.#hub;
    if (hub && !await fulfilledWithin(CLOSE_MS, hub.close())) {
      this.#options.log.warning(`${this.#options.name} is still sending earlier output`);
    }
  }

  /** Closes the device for good. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    await this.close();
  }

  /** Runs `action` in the tick in which the hub was found alive; later it may be closed. */
  async #attach<T>(action: (hub: Hub) => T): Promise<T> {
    for (;;) {
      const hub = await (this.#opening ?? this.#hub);
      if (this.#disposed) {
        throw new DeviceError(`Cannot open ${this.#options.name}: the lease has ended`);
      }
      if (hub?.alive) return action(hub);
      this.#opening ??= this.#open(hub).finally(() => this.#opening = undefined);
      this.#hub = await this.#opening;
    }
  }

  async #open(previous: Hub | undefined): Promise<Hub> {
    const { name, locate, baudRate, log } = this.#options;
    if (previous && !await fulfilledWithin(CLOSE_MS, previous.closed)) {
      throw new Timeout(
        `Cannot open ${name}: its earlier output was not sent within ${CLOSE_MS / 1000} s; ` +
          "try again, or check the flow control of the line",
      );
    }
    const device = await openDevice({ path: await locate(), baudRate });
    if (this.#options.disableHupcl) this.#keepLines(device.line);
    return new Hub(device, log);
  }

  #keepLines(port: PosixPort): void {
    const { name, log } = this.#options;
    try {
      port.setHupcl(false);
      log.info(`HUPCL is off: ${name} keeps DTR and RTS when it is closed`);
    } catch (error) {
      log.warning(`Cannot switch HUPCL of ${name} off: closing it drops DTR (${error})`);
    }
  }
}
