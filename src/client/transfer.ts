/**
 * Transfers: driver calls that read bytes of the client, or write bytes to it.
 *
 * @module
 */
import { fulfilledWithin } from "../base/deadline.ts";
import type { Codec, OnTrailing } from "../codec/transcoder.ts";
import { StatusError } from "../wire/grpc/status.ts";
import type { ClientStreamHandle } from "../wire/router/stream_target.ts";
import type { DriverClient } from "./driver_client.ts";
import type { OfferedBytes } from "./offered_bytes.ts";
import type { CallBounds } from "./session_client.ts";

/** How bytes are transferred. */
export interface TransferOptions {
  /** The compression of the client's bytes: gzip, xz, bz2 or zstd; the driver sees them plain. */
  readonly encoding?: string | undefined;
  /** @see OnTrailing */
  readonly onTrailing?: OnTrailing | undefined;
  /** Ends the bytes, and with them the call: in 3 s at the latest, at once if all bytes have passed. */
  readonly signal?: AbortSignal;
}

/** Makes the driver call: passes the handle as an argument, and keeps to the bounds. */
export type UseHandle<T> = (handle: ClientStreamHandle, bounds: CallBounds) => Promise<T>;

/** How long a call may go on after its bytes broke off, in milliseconds. */
const LAST_WORDS_MS = 3_000;
/** How long the end of a failed call waits for a sink that is writing, in milliseconds. */
const LEAVE_MS = 1_000;

/**
 * Sends `source` to a call, at the driver's pace. The chunks must stay as they are. A driver may
 * stop reading early. Nothing is left open, however it ends.
 *
 * @returns the result of the call
 * @throws what the source throws; {@linkcode StatusError} when the call fails or the connection is
 * lost; the signal's reason
 */
export async function sendTo<T>(
  driver: DriverClient,
  source: AsyncIterable<Uint8Array>,
  use: UseHandle<T>,
  options?: TransferOptions,
): Promise<T> {
  return await transfer(driver, use, options, {
    move: (offer, codec) => offer.send(codec ? codec.decode(source, options?.onTrailing) : source),
    called: (offer) => offer[Symbol.dispose](),
  });
}

/**
 * Passes the bytes that a call writes to `sink`, which must read them all, at its own pace.
 *
 * @returns the result of the call, once the sink is done
 * @throws what the sink throws, and as {@linkcode sendTo}; the sink has part of the bytes then
 */
export async function receiveFrom<T>(
  driver: DriverClient,
  sink: (bytes: AsyncIterable<Uint8Array>) => Promise<void>,
  use: UseHandle<T>,
  options?: TransferOptions,
): Promise<T> {
  return await transfer(driver, use, options, {
    move: (offer, codec) => sink(codec ? codec.encode(offer.receive()) : offer.receive()),
    // The last bytes may come later than the result.
    called: () => {},
  });
}

/** One direction of transfers. */
interface Direction {
  /** Moves all bytes; recodes them if there is a codec, because the exporter does not. */
  move(offer: OfferedBytes, codec: Codec | undefined): Promise<unknown>;
  /** The call has succeeded. */
  called(offer: OfferedBytes): void;
}

async function transfer<T>(
  driver: DriverClient,
  use: UseHandle<T>,
  { encoding, signal }: TransferOptions = {},
  { move, called }: Direction,
): Promise<T> {
  using offer = await driver.offer({ encoding: encoding ?? null, ...(signal && { signal }) });
  const codec = await codecBeside(offer, encoding);
  const abort = new AbortController();
  const call = use(offer.handle, { signal: abort.signal });
  const over = call.then(() => {}, () => {});
  let broken: Failure | undefined;
  // When the bytes break off, the driver ends the call itself: it is done with them then.
  const moved = failureOf(move(offer, codec)).then(async (failure) => {
    if (!failure) return undefined;
    broken = failure;
    offer[Symbol.dispose]();
    await fulfilledWithin(LAST_WORDS_MS, over);
    abort.abort(failure.error);
    return failure;
  });
  const interrupt = () => moved.then(() => abort.abort(signal!.reason));
  signal?.addEventListener("abort", interrupt);
  try {
    const result = await call;
    called(offer);
    const failure = await moved;
    if (failure) throw failure.error;
    return result;
  } catch (error) {
    const reason = broken && !(broken.error instanceof StatusError) ? broken.error : error;
    offer[Symbol.dispose]();
    await fulfilledWithin(LEAVE_MS, moved);
    throw reason;
  } finally {
    signal?.removeEventListener("abort", interrupt);
  }
}

/** The codec for bytes that the exporter takes and gives plain only. */
async function codecBeside(
  { acceptedEncoding }: OfferedBytes,
  encoding: string | undefined,
): Promise<Codec | undefined> {
  if (encoding === undefined || acceptedEncoding !== "") return undefined;
  // Loaded only here: exporters of today have all codecs.
  const { codecFor } = await import("../codec/encoding.ts");
  return codecFor(encoding);
}

/** What ended the bytes early. */
interface Failure {
  readonly error: unknown;
}

async function failureOf(work: Promise<unknown>): Promise<Failure | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    return { error };
  }
}
