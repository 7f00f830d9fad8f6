/**
 * Passes a call on to another server. Messages pass as bytes; metadata, the half-close, the status
 * and cancellation pass in their order, and a slow side slows the other one down.
 *
 * @module
 */
import { Code } from "../code.ts";
import type { Header } from "../http2/header_table.ts";
import type { ClientCall } from "./client_call.ts";
import type { ServerCall } from "./server_call.ts";
import { type Status, StatusError } from "./status.ts";

/** How a call is passed on. */
export interface RelayOptions {
  /** The only request, if it was read already; else all requests are passed on. */
  readonly request?: Uint8Array;
  /** Turns the status of a call that has failed into the error that the client gets. */
  explain(status: Status): Promise<unknown>;
}

/**
 * Joins `inbound`, which we serve, with `outbound`, the same call at another server, until both are
 * over. The client gets the metadata when that server sends it, and not before.
 */
export async function relayCall(
  inbound: ServerCall,
  outbound: ClientCall,
  { request, explain }: RelayOptions,
): Promise<void> {
  sendRequests(inbound, outbound, request);
  // Messages must not overtake the metadata; until it is there, they wait.
  const metadata = await outbound.metadata.catch(() => undefined);
  if (metadata) {
    inbound.begin(metadata.filter(isPassed));
    await passResponses(inbound, outbound);
  }
  const status = await outbound.status;
  if (!inbound.waiting) return;
  if (status.code === Code.OK) inbound.close();
  else if (inbound.signal.aborted) inbound.fail(inbound.signal.reason);
  else await failAs(inbound, status, explain);
}

function sendRequests(inbound: ServerCall, outbound: ClientCall, request?: Uint8Array): void {
  if (request) {
    outbound.send(request);
    outbound.halfClose();
  }
  inbound.listen({
    message: (message) => {
      if (!outbound.send(message)) inbound.pause();
      inbound.keep(outbound.unsent);
    },
    end: () => request || outbound.halfClose(),
    drained: () => outbound.resume(),
    closed: () => outbound.cancel(),
  });
}

/** Resolves when the outbound call is over. */
function passResponses(inbound: ServerCall, outbound: ClientCall): Promise<void> {
  return new Promise((resolve) =>
    outbound.listen({
      message: (message) => {
        if (inbound.waiting && !inbound.send(message)) outbound.pause();
      },
      end() {},
      drained: () => {
        inbound.keep(outbound.unsent);
        inbound.resume();
      },
      closed: resolve,
    })
  );
}

async function failAs(
  inbound: ServerCall,
  status: Status,
  explain: RelayOptions["explain"],
): Promise<void> {
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
