/**
 * The interface of a driver: it answers calls, streams and bytes by the name of a method. Its code
 * may run in this thread, in a worker or in another process.
 *
 * @module
 */
import type { Duplex } from "node:stream";
import type { Value } from "../wire/value.ts";
import type { Resources } from "./resources.ts";

/** One call of a client. */
export interface CallContext {
  /** Aborted when the client cancels or vanishes, or the lease ends. */
  readonly signal: AbortSignal;
}

/** A call with a single answer. */
export interface UnaryContext extends CallContext {
  /**
   * Aborted when the client's connection ends, which also releases everything that the client
   * holds; all calls of the connection share it. Undefined if another driver calls.
   */
  readonly connection?: AbortSignal;
  /** Opens the bytes of handles in the arguments. */
  readonly resources: Resources;
}

/**
 * An open driver, with one method for each kind of call.
 *
 * @throws {NoSuchMethod} (each of them) if the driver has no method of this name and kind.
 * @throws {DriverError} (each of them) if the method does not accept the arguments.
 */
export interface Driver {
  /** Calls a method with a single answer; the caller encodes it with `toValue`. */
  call(method: string, args: readonly Value[], call: UnaryContext): Promise<unknown>;

  /** Calls a method that yields answers until the iterable ends. */
  stream(
    method: string,
    args: readonly Value[],
    call: CallContext,
  ): AsyncIterable<unknown> | Iterable<unknown>;

  /**
   * Opens a byte stream for one client. The duplex supports half-open use: its readable side ends
   * when the device disconnects; the caller ends its writable side after the client's last bytes,
   * and destroys it when the client disconnects.
   */
  bytes(method: string, call: CallContext): Promise<Duplex>;

  /**
   * Returns the driver of a part that the manifest declares, by its path below this driver
   * (`["storage"]`); undefined if there is none.
   */
  part?(names: readonly string[]): Driver | undefined;
}
