/**
 * Passes a call on to another server. Messages pass as bytes; metadata, the half-close, the status
 * and cancellation pass in their order, and a slow side slows the other one down.
 *
 * What arrives together is passed on together, in one write: nothing here waits for a promise
 * unless a call has failed.
 *
 * @module
 */
import { Code } from "../code.ts";
import type { Header } from "../http2/header_table.ts";
import type { ClientCall } from "./client_call.ts";
import { linger } from "./linger.ts";
import type { ServerCall } from "./server_call.ts";
import type { Status } from "./status.ts";

/**
 * Turns the status of a call into the error that the client gets; undefined if the call has not
 * failed, and the client gets the status as it is.
 */
export type Explain = (status: Status) => Promise<unknown>;

/** How a call is passed on. */
export interface RelayOptions {
  readonly explain: Explain;
  /**
   * Reads bytes of the responses; returns whether the server has sent its last message. Without it,
   * the server's status alone ends the call.
   */
  readonly isLast?: ((bytes: Uint8Array) => boolean) | undefined;
}

/**
 * Joins `inbound`, which we serve, with `outbound`, the same call at another server, until both are
 * over. Requests that were read or sent already are the caller's affair. The client gets the
 * metadata when that server sends it, and not before.
 *
 * The client's call ends with OK once the client has half-closed and the server has sent its last
 * message. The server may still read what the client has sent: see {@linkcode linger}.
 */
export async function relayCall(
  inbound: ServerCall,
  outbound: ClientCall,
  options: RelayOptions,
): Promise<void> {
  const failure = await pass(inbound, outbound, options);
  if (!failure || !inbound.waiting) return;
  if (inbound.signal.aborted) inbound.fail(inbound.signal.reason);
  else await failAs(inbound, failure, options.explain);
}

/** Resolves when the call is over, with the status of the outbound call if that is not OK. */
function pass(
  inbound: ServerCall,
  outbound: ClientCall,
  { isLast }: RelayOptions,
): Promise<Status | undefined> {
  const { promise, resolve } = Promise.withResolvers<Status | undefined>();
  const ended = { requests: false, responses: false };
  const isDone = () => ended.requests && ended.responses;
  const endIfDone = () => {
    if (!isDone()) return;
    inbound.close();
    linger(outbound);
    resolve(undefined);
  };
  inbound.listenToBytes({
    bytes: (bytes) => outbound.sendBytes(bytes),
    end: () => {
      outbound.halfClose();
      ended.requests = true;
      endIfDone();
    },
    drained: () => outbound.resume(),
    closed: () => void (isDone() || outbound.cancel()),
  });
  outbound.listenToBytes({
    metadata: (headers) => passMetadata(headers, inbound, outbound),
    bytes: (bytes) => {
      if (isDone()) return bytes.length;
      const taken = inbound.sendBytes(bytes);
      if (ended.responses || !isLast?.(bytes.subarray(0, taken))) return taken;
      ended.responses = true;
      endIfDone();
      return taken;
    },
    end() {},
    drained: () => inbound.resume(),
    closed: () => {
      if (isDone()) return;
      const { outcome } = outbound;
      if (outcome?.code === Code.OK) inbound.close();
      resolve(outcome?.code === Code.OK ? undefined : outcome);
    },
  });
  return promise;
}

function passMetadata(headers: readonly Header[], inbound: ServerCall, outbound: ClientCall): void {
  try {
    inbound.begin(headers.filter(isPassed));
  } catch (error) {
    inbound.fail(error);
    outbound.cancel();
  }
}

async function failAs(inbound: ServerCall, status: Status, explain: Explain): Promise<void> {
  const error = await explain(status);
  if (!inbound.waiting) return;
  if (error === undefined) inbound.close(status.code, status.details);
  else inbound.fail(error);
}

/** Whether a header is metadata of the application. */
function isPassed([name]: Header): boolean {
  return !name.startsWith(":") && !name.startsWith("grpc-") && name !== "content-type" &&
    name !== "user-agent" && name !== "te";
}
