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
import type { ServerCall } from "./server_call.ts";
import { type Status, StatusError } from "./status.ts";

/** Turns the status of a call that has failed into the error that the client gets. */
export type Explain = (status: Status) => Promise<unknown>;

/**
 * Joins `inbound`, which we serve, with `outbound`, the same call at another server, until both are
 * over. Requests that were read or sent already are the caller's affair. The client gets the
 * metadata when that server sends it, and not before.
 */
export async function relayCall(
  inbound: ServerCall,
  outbound: ClientCall,
  explain: Explain,
): Promise<void> {
  passRequests(inbound, outbound);
  const failure = await passResponses(inbound, outbound);
  if (!failure || !inbound.waiting) return;
  if (inbound.signal.aborted) inbound.fail(inbound.signal.reason);
  else await failAs(inbound, failure, explain);
}

function passRequests(inbound: ServerCall, outbound: ClientCall): void {
  inbound.listenToBytes({
    bytes: (bytes) => outbound.sendBytes(bytes),
    end: () => outbound.halfClose(),
    drained: () => outbound.resume(),
    closed: () => outbound.cancel(),
  });
}

/** Resolves when the outbound call is over, with its status if that is not OK. */
function passResponses(inbound: ServerCall, outbound: ClientCall): Promise<Status | undefined> {
  return new Promise((resolve) =>
    outbound.listenToBytes({
      metadata: (headers) => passMetadata(headers, inbound, outbound),
      bytes: (bytes) => inbound.sendBytes(bytes),
      end() {},
      drained: () => inbound.resume(),
      closed: () => {
        const { outcome } = outbound;
        if (outcome?.code === Code.OK) inbound.close();
        resolve(outcome?.code === Code.OK ? undefined : outcome);
      },
    })
  );
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
  if (error instanceof StatusError && error.details === "") inbound.close(error.code);
  else inbound.fail(error);
}

/** Whether a header is metadata of the application. */
function isPassed([name]: Header): boolean {
  return !name.startsWith(":") && !name.startsWith("grpc-") && name !== "content-type" &&
    name !== "user-agent" && name !== "te";
}
