/** Explains why a controller or a router refuses a token, as far as the token itself shows it. @module */
import { clockSays, formatTime } from "../text/time.ts";
import { Code } from "../wire/code.ts";
import { periodProblem, type TokenClaims, tokenClaims } from "../text/token_claims.ts";

/** A token that was refused. */
export interface RefusedToken {
  readonly token: string;
  /** What the peer said. */
  readonly details: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Codes with which controllers and routers refuse tokens, or whatever else fails. */
const UNCERTAIN = new Set<number>([
  Code.UNKNOWN,
  Code.INTERNAL,
  Code.INVALID_ARGUMENT,
  Code.FAILED_PRECONDITION,
]);

/** Words of JWT libraries and of the authenticators of Kubernetes. */
const TOKEN_WORDS = /\b(oidc|jwt|jws|jwks?|token|bearer|authorization|unauthori[sz]ed)\b/i;

/** Faults of the controller: its authenticator starts, or cannot reach the issuer. */
const OWN_FAULT =
  /not initialized|fetching keys|fetch keys|connection refused|no such host|timeout/i;

/** Whether a status means that the token is refused. */
export function isTokenRefused(code: number, details: string): boolean {
  if (code === Code.UNAUTHENTICATED) return true;
  return UNCERTAIN.has(code) && TOKEN_WORDS.test(details) && !OWN_FAULT.test(details);
}

/** Why a controller does not accept the exporter's token, and what to do. */
export function refusedByController(refused: RefusedToken): string {
  const renew = "have a new token issued, and write it into token or tokenFile of the config";
  const claims = tokenClaims(refused.token);
  if (!claims) {
    return `${INVALID_TOKEN}; it is no JSON web token as controllers issue them: copy it again, whole`;
  }
  const time = periodProblem(claims, refused.now);
  if (time) return `the token is not valid: ${time}; ${time.includes("yet") ? SET : renew}`;
  const kind = kindProblem(claims);
  if (kind) return `the token is not valid: ${kind}; ${renew}`;
  return `${INVALID_TOKEN}; ${remedyFor(refused, claims, renew)}`;
}

/** Why a router does not accept the token of a client's connection, and what to do. */
export function refusedByRouter({ token, now }: RefusedToken): string {
  const claims = tokenClaims(token);
  const time = claims && periodProblem(claims, now);
  if (time) {
    return `${time}; set the clocks of the controller, of the router and of this host, or connect again`;
  }
  return "the controller has issued it, so either the router has another key (let both have the same " +
    "ROUTER_KEY, and restart them), or their clocks differ" +
    (claims ? `: the token ${period(claims)}, and ${clockSays(now)}` : "");
}

/** What is said of a token of which nothing more is known. */
export const INVALID_TOKEN = "the token is not valid: check token or tokenFile of the config";

const SET = "set the clock of the controller, or of this host (see timedatectl)";

/** The token of another peer, or of another kind of caller. */
function kindProblem({ issuer, subject = "" }: TokenClaims): string | undefined {
  if (issuer === "https://jumpstarter.dev/stream") {
    return "it is a token for a router, and not an exporter's";
  }
  if (issuer === "kubernetes/serviceaccount" || subject.startsWith("system:serviceaccount:")) {
    return `it is the token of a Kubernetes service account (${subject})`;
  }
  if (/^(internal:)?client:/.test(subject)) return `it is a client's token (${subject})`;
  return undefined;
}

function remedyFor({ details, now }: RefusedToken, claims: TokenClaims, renew: string): string {
  const { issuer = "no issuer", audience = "no audience" } = claims;
  if (/expired|not valid yet|before|nbf|iat/i.test(details)) {
    return `the token ${period(claims)}, and ${clockSays(now)}: compare it with the controller's`;
  }
  if (/audience/i.test(details)) {
    return `the token is for ${audience}, which this controller does not expect: ${renew}`;
  }
  if (/issuer/i.test(details)) {
    return `the token is issued by ${issuer}, which this controller does not trust: ${renew}`;
  }
  return `the token is issued by ${issuer} and ${
    period(claims)
  }: if it is of another controller, ` +
    `or the controller has a new key, ${renew}`;
}

function period({ from, until }: TokenClaims): string {
  const parts = [from && `from ${formatTime(from)}`, until && `until ${formatTime(until)}`];
  return `is valid ${parts.filter(Boolean).join(" ") || "at any time"}`;
}
