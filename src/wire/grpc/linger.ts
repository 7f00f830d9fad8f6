/** Calls that both sides have ended, but whose server has not answered with a status. @module */
import type { ClientCall } from "./client_call.ts";

/** How long a server may read what it was sent, in milliseconds. */
const LINGER_MS = 1_000;
/** The most calls that linger. */
const MOST = 256;

/** Oldest first, with the timers that cancel them. */
const lingering = new Map<ClientCall, ReturnType<typeof setTimeout>>();

/**
 * Cancels `call` when its server ends it neither within a second nor before 256 further calls
 * linger: a cancellation at once could overtake requests that the server has not read.
 */
export function linger(call: ClientCall): void {
  if (call.over) return;
  const oldest = lingering.size < MOST ? undefined : lingering.keys().next().value;
  if (oldest) end(oldest);
  lingering.set(call, setTimeout(() => end(call), LINGER_MS));
  void call.status.then(() => end(call));
}

function end(call: ClientCall): void {
  clearTimeout(lingering.get(call));
  lingering.delete(call);
  call.cancel();
}
