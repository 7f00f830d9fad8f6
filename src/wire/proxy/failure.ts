/** Reasons why a proxy does not connect, with their remedy. @module */
import { printable } from "../../text/printable.ts";
import { ConnectionFailed, messageOf } from "../error.ts";
import { type Endpoint, formatEndpoint } from "../net/endpoint.ts";
import { describeProxy, type Proxy } from "./proxy.ts";

/** A way through a proxy. */
export interface Hop {
  readonly proxy: Proxy;
  readonly target: Endpoint;
}

/** A proxy cannot be reached, or does not connect to its target. */
export class ProxyFailed extends ConnectionFailed {
  override name = "ProxyFailed";
}

/** Longest part of a proxy's answer that is quoted, in characters. */
const MAX_QUOTE = 80;

/** The proxy cannot be reached. */
export function unreachable({ proxy, target }: Hop, cause: unknown): ProxyFailed {
  const why = `cannot be reached (${messageOf(cause)})`;
  const remedy = `correct ${proxy.source}, or ${bypass(target)}`;
  return new ProxyFailed(`${describeProxy(proxy)} ${why}; ${remedy}`, { cause });
}

/** The proxy was silent for `seconds`. */
export function silent({ proxy, target }: Hop, seconds: number): ProxyFailed {
  const asked = `to connect to ${formatEndpoint(target)}`;
  return new ProxyFailed(
    `${describeProxy(proxy)} gave no answer within ${seconds} s when it was asked ${asked}; ` +
      `check that it can reach that, or ${bypass(target)}`,
  );
}

/** The proxy answered something that is no answer to CONNECT. */
export function nonsense({ proxy, target }: Hop, what: string): ProxyFailed {
  const remedy = `check that ${proxy.source} names an HTTP proxy, or ${bypass(target)}`;
  return new ProxyFailed(`${describeProxy(proxy)} ${what}; ${remedy}`);
}

/** A request that the proxy was to pass on ended with a status that may be the proxy's own. */
export function answered({ proxy, target }: Hop, status: number, reason = ""): string {
  const text = `${status} ${printable(reason.slice(0, MAX_QUOTE))}`.trim();
  return `${describeProxy(proxy)}, or the server behind it, answered ${text}; ${bypass(target)}`;
}

/** What was found where the status line of an answer was expected. */
export function unlikeHttp(bytes: Uint8Array): string {
  // The first bytes of a TLS record: an alert, which answers what is no TLS.
  if (bytes[0] === 0x15 && bytes[1] === 0x03) return "speaks TLS and not plain HTTP";
  return `does not answer in HTTP: ${quote(new TextDecoder("latin1").decode(bytes))}`;
}

/**
 * The proxy refused.
 *
 * @param head its answer without the body
 */
export function refusal({ proxy, target }: Hop, status: number, head: string): ProxyFailed {
  const [line = ""] = head.split(/\r?\n/);
  const reason = line.replace(/^\S+\s+\d+\s*/, "");
  const answer = reason === ""
    ? String(status)
    : `${status} ${printable(reason.slice(0, MAX_QUOTE))}`;
  const refused = `refused to connect to ${formatEndpoint(target)}: ${answer}`;
  const remedy = remedyFor({ proxy, target }, status, head);
  return new ProxyFailed(`${describeProxy(proxy)} ${refused}; ${remedy}`);
}

function remedyFor({ proxy, target }: Hop, status: number, head: string): string {
  const endpoint = formatEndpoint(target);
  switch (status) {
    // 401 is wrong here, and is what tinyproxy answers to a wrong password.
    case 401:
    case 407:
      return credentialsAdvice(proxy, head);
    case 502:
    case 503:
    case 504:
      return `check that it can resolve and reach ${endpoint}, or ${bypass(target)}`;
    case 403:
      return `allow CONNECT to ${endpoint} in the proxy, or ${bypass(target)}`;
    default:
      return `check that it allows CONNECT to ${endpoint}, or ${bypass(target)}`;
  }
}

function credentialsAdvice({ credentials, source }: Proxy, head: string): string {
  const challenges = [...head.matchAll(/^(?:proxy|www)-authenticate:[ \t]*([\w-]+)/gim)].map((
    [, name],
  ) => name!);
  if (challenges.length > 0 && !challenges.some((name) => /^basic$/i.test(name))) {
    return `it asks for ${challenges.join(" or ").slice(0, MAX_QUOTE)}, and only Basic is ` +
      `supported: let ${source} name a proxy that asks for Basic or for nothing`;
  }
  const form = `http://<user>:<password>@<host>:<port>, percent-encoded`;
  return credentials
    ? `correct the user and the password in ${source}: ${form}`
    : `write the user and the password into ${source}: ${form}`;
}

function bypass({ host }: Endpoint): string {
  return `name ${host} in no_proxy to connect to it directly`;
}

function quote(text: string): string {
  return `"${printable(text.slice(0, MAX_QUOTE))}"`;
}
