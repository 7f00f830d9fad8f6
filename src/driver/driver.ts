/**
 * What a driver is: something that answers calls, streams and bytes by name, wherever its
 * code runs: in this thread, in a worker or in another process.
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

/** One call of a method that is answered once. */
export interface UnaryContext extends CallContext {
  /**
   * Aborted when the client's connection ends, and with it everything that the client holds;
   * the same for all of its calls. Undefined where one driver calls another.
   */
  readonly connection?: AbortSignal;
  /** The bytes behind handles among the arguments. */
  readonly resources: Resources;
}

/**
 * An open driver. Each method answers one kind of call.
 *
 * @throws {NoSuchMethod} each, for a method that the driver does not offer as this kind.
 * @throws {DriverError} each, for arguments that the method does not take.
 */
export interface Driver {
  /** Calls a method that is answered once; the answer is encoded by `toValue`. */
  call(method: string, args: readonly Value[], call: UnaryContext): Promise<unknown>;

  /** Calls a method that is answered many times, until the iterable ends. */
  stream(
    method: string,
    args: readonly Value[],
    call: CallContext,
  ): AsyncIterable<unknown> | Iterable<unknown>;

  /**
   * Opens a byte stream for one client. The duplex allows half-open use: its readable side ends
   * when the device is gone, its writable side is ended when the client has no more to send, and
   * it is destroyed when the client leaves.
   */
  bytes(method: string, call: CallContext): Promise<Duplex>;

  /**
   * The driver of one of the parts that the manifest declares, by its names below this driver
   * (`["storage"]`); undefined where there is none.
   */
  part?(names: readonly string[]): Driver | undefined;
}
