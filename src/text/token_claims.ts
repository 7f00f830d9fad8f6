/** What a JSON web token (RFC 7519) says of itself. Nothing is verified: that needs the issuer's key. @module */
import { Buffer } from "node:buffer";
import { printable } from "./printable.ts";
import { clockSays, formatTime } from "./time.ts";

/** The claims that decide whether a token is accepted. */
export interface TokenClaims {
  /** Whom the token names; printable, like the other texts. */
  readonly subject?: string;
  readonly issuer?: string;
  readonly audience?: string;
  /** When it begins to be valid: the later one of `nbf` and `iat`. */
  readonly from?: Date;
  /** When it expires. */
  readonly until?: Date;
}

/** Longest claim that is quoted, in characters. */
const MAX_TEXT = 100;

/** The claims of `token`; undefined if it is no JSON web token. */
export function tokenClaims(token: string): TokenClaims | undefined {
  const [, payload, signature, ...rest] = token.split(".");
  if (!payload || signature === undefined || rest.length > 0) return undefined;
  const claims = parse(payload);
  if (!claims) return undefined;
  const { sub, iss, aud, exp, nbf, iat } = claims;
  const begins = [nbf, iat].flatMap((at) => dateOf(at) ?? []);
  return {
    ...textOf("subject", sub),
    ...textOf("issuer", iss),
    ...textOf("audience", Array.isArray(aud) ? aud.join(", ") : aud),
    ...(begins.length > 0 && { from: new Date(Math.max(...begins.map(Number))) }),
    ...(dateOf(exp) && { until: dateOf(exp)! }),
  };
}

/** Why a token is not valid by the clock of this host; undefined if it is, or says nothing of it. */
export function periodProblem({ from, until }: TokenClaims, now: number): string | undefined {
  if (until && until.getTime() <= now) {
    return `it expired at ${formatTime(until)}, and ${clockSays(now)}`;
  }
  if (from && from.getTime() > now) {
    return `it is not valid yet: it is valid from ${formatTime(from)}, and ${clockSays(now)}`;
  }
  return undefined;
}

function parse(payload: string): Record<string, unknown> | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, "base64url").toString());
    return typeof claims === "object" && claims !== null
      ? claims as Record<string, unknown>
      : undefined;
  } catch {
    return undefined;
  }
}

function textOf<Name extends string>(name: Name, value: unknown): { [key in Name]?: string } {
  if (typeof value !== "string" || value === "") return {};
  return { [name]: printable(value.slice(0, MAX_TEXT)) } as { [key in Name]: string };
}

/** The date of a claim in seconds since the epoch; undefined beyond what a Date can hold. */
function dateOf(seconds: unknown): Date | undefined {
  const date = new Date(typeof seconds === "number" ? seconds * 1000 : NaN);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
