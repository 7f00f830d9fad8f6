/** The device of one driver: opened when someone needs it, never twice. @module */
import { fulfilledWithin } from "../../src/base/deadline.ts";
import { DeviceError, type DriverLog, Timeout } from "../../src/driver/mod.ts";
import type { SerialStream, SerialStreamOptions } from "./serial_stream.ts";
import { openDevice } from "./device.ts";
import { Hub } from "./hub.ts";
import type { PosixPort } from "./port.ts";

/** Longest wait for the previous use of the device to end, in milliseconds. */
const CLOSE_MS = 5_000;

/** What to open, and how. */
export interface SharedPortOptions {
  /** The port's name for messages. */
  readonly name: string;
  /** Finds the path to open, each time anew. */
  readonly locate: () => Promise<string>;
  readonly baudRate: number;
  /** Keeps DTR raised when the device is closed. */
  readonly disableHupcl: boolean;
  readonly log: DriverLog;
}

/** A device that is open for as long as a client uses it. */
export class SharedPort {
  readonly #options: SharedPortOptions;
  /** The latest use of the device, which may have ended. */
  #hub: Hub | undefined;
  #opening: Promise<Hub> | undefined;
  #disposed = false;

  constructor(options: SharedPortOptions) {
    this.#options = options;
  }

  /**
   * A stream of the device for one client.
   *
   * @throws {DeviceError} when the device is missing, busy or not permitted.
   * @throws {Timeout} when its previous use does not end within 5 s.
   */
  join(options: SerialStreamOptions, signal: AbortSignal): Promise<SerialStream> {
    return this.#attach((hub) => {
      if (!signal.aborted) return hub.join(options);
      hub.closeUnused();
      throw signal.reason;
    });
  }

  /** Acts on the open port, which is opened for it if nobody uses it. @see join */
  async use(action: (port: PosixPort) => void | Promise<void>): Promise<void> {
    await this.#attach((hub) => hub.use(action));
  }

  /** Ends all streams; resolves when the device is free, or after 5 s. */
  async close(): Promise<void> {
    const hub = await this.#opening?.catch(() => undefined) ?? this.#hub;
    if (hub && !await fulfilledWithin(CLOSE_MS, hub.close())) {
      this.#options.log.warning(`${this.#options.name} is still sending what was written to it`);
    }
  }

  /** Closes the device for good. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    await this.close();
  }

  /** Runs `action` at once on a hub that is alive: after another tick it may be closed. */
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
        `Cannot open ${name}: expected its previous use to end within ${CLOSE_MS / 1000} s, ` +
          "found it still sending what was written; try again, or check the flow of the line",
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
