/** What tests of drivers share. @module */
import type { UnaryContext } from "./driver.ts";
import { CallResources } from "../tree/call_resources.ts";
import { ClientStreams } from "../tree/client_streams.ts";

/** What a call of one connection gets that passes no handles, or those of `streams`. */
export function callContext(
  signal: AbortSignal = new AbortController().signal,
  streams: ClientStreams = new ClientStreams(),
  connection?: AbortSignal,
): UnaryContext {
  const resources = new CallResources(streams, [], signal);
  return { signal, resources, ...(connection && { connection }) };
}
