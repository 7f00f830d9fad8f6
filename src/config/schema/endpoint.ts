/** The controller's address as a config or the environment gives it. @module */
import { placeholderProblem } from "../../text/placeholder.ts";
import { formatEndpoint, parseEndpoint } from "../../wire/net/endpoint.ts";

/** A usable address (`host:port`, IPv6 in brackets), or why the text is none. */
export type CheckedEndpoint = { readonly endpoint: string } | { readonly problem: string };

/** Longest endpoint in characters: a name has at most 253 (RFC 1035 §2.3.4). */
const MAX_LENGTH = 253 + ":65535".length;

/** Parses an endpoint; the default port is 443. For a URL, the problem names the endpoint in it. */
export function checkEndpoint(text: string): CheckedEndpoint {
  const trimmed = text.trim();
  const unfilled = placeholderProblem(trimmed, "host:port");
  if (unfilled !== undefined) return { problem: unfilled };
  const [, scheme = "", address = "", rest = ""] =
    /^([a-z][a-z0-9+.-]*:\/+)?([^/]*)(\/.*)?$/i.exec(trimmed) ?? [];
  const endpoint = address.length > MAX_LENGTH ? undefined : parsed(address);
  const found = scheme
    ? `the scheme '${shown(scheme)}'`
    : rest
    ? `the path '${shown(rest)}'`
    : address.length > MAX_LENGTH
    ? `${address.length} characters`
    : undefined;
  if (endpoint && !found) return { endpoint };
  const advice = endpoint ? `write ${endpoint}` : "write host:port with a port from 1 to 65535";
  const what = found ?? (trimmed === "" ? "nothing" : JSON.stringify(shown(trimmed)));
  return { problem: `expected host:port, found ${what}; ${advice}` };
}

function shown(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

function parsed(address: string): string | undefined {
  try {
    return formatEndpoint(parseEndpoint(address));
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
