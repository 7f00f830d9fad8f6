import assert from "node:assert/strict";
import { Code } from "../wire/code.ts";
import { isTokenRefused, refusedByController, refusedByRouter } from "./token_trouble.ts";

const NOW = Date.UTC(2030, 0, 1);
const HOUR = 3_600;

function token(claims: Record<string, unknown>): string {
  const part = (value: unknown) => btoa(JSON.stringify(value)).replace(/=+$/, "");
  return `${part({ alg: "ES256" })}.${part(claims)}.c2ln`;
}

const at = (seconds: number) => NOW / 1000 + seconds;
const VALID = { iss: "https://op", sub: "exporter:lab:one", iat: at(-HOUR), exp: at(HOUR) };

Deno.test("isTokenRefused() knows every status with which controllers refuse tokens", () => {
  const refused: [Code, string][] = [
    [Code.UNAUTHENTICATED, ""],
    [Code.UNKNOWN, "oidc: verify token: oidc: token is expired (Token Expiry: 2025-01-01)"],
    [Code.UNKNOWN, "oidc: malformed jwt: oidc: malformed jwt, expected 3 parts got 1"],
    [Code.INTERNAL, "failed to verify token signature"],
    [Code.INVALID_ARGUMENT, "malformed authorization header"],
    [Code.UNKNOWN, "[invalid bearer token, oidc: verify token]"],
  ];
  for (const [code, details] of refused) assert.ok(isTokenRefused(code, details), details);
  const other: [Code, string][] = [
    [Code.UNKNOWN, "oidc: authenticator not initialized"],
    [
      Code.UNKNOWN,
      "oidc: verify token: failed to verify signature: fetching keys oidc: no such host",
    ],
    [Code.UNKNOWN, "exporter lab/one: not found"],
    [Code.INTERNAL, "etcd is gone"],
    [Code.UNAVAILABLE, "token"],
  ];
  for (const [code, details] of other) assert.ok(!isTokenRefused(code, details), details);
});

/** A refused token, what the controller says, and the advice. */
const CASES: readonly (readonly [string, string, RegExp])[] = [
  ["secret", "invalid token", /check token or tokenFile of the config; it is no JSON web token/],
  [
    token({ ...VALID, exp: at(-1) }),
    "oidc: verify token",
    /^the token is not valid: it expired at 2029-12-31T23:59:59Z, and the clock of this host says 2030-01-01T00:00:00Z; have a new token issued/,
  ],
  [
    token({ ...VALID, iat: at(HOUR) }),
    "oidc: verify token",
    /: it is not valid yet: it is valid from 2030-01-01T01:00:00Z, and the clock of this host says 2030-01-01T00:00:00Z; set the clock/,
  ],
  [
    token({ ...VALID, iss: "https://jumpstarter.dev/stream" }),
    "",
    /: it is a token for a router, and not an exporter's; have a new token issued/,
  ],
  [token({ ...VALID, sub: "client:lab:alice:1" }), "", /a client's token \(client:lab:alice:1\)/],
  [
    token({ ...VALID, sub: "system:serviceaccount:lab:x" }),
    "",
    /Kubernetes service account \(system:serviceaccount:lab:x\)/,
  ],
  [
    token(VALID),
    "oidc: token is expired (Token Expiry: …)",
    /the token is valid from 2029-12-31T23:00:00Z until 2030-01-01T01:00:00Z, and the clock of this host says 2030-01-01T00:00:00Z: compare it with the controller's/,
  ],
  [
    token({ ...VALID, aud: "kubernetes" }),
    `oidc: expected audience "jumpstarter" got ["kubernetes"]`,
    /the token is for kubernetes, which this controller does not expect/,
  ],
  [
    token(VALID),
    "oidc: id token issued by a different provider, issuer https://x",
    /issued by https:\/\/op, which this controller does not trust/,
  ],
  [
    token(VALID),
    "failed to verify signature",
    /issued by https:\/\/op and is valid from .*: if it is of another controller, or the controller has a new key, have a new token/,
  ],
];

for (const [token, details, advice] of CASES) {
  Deno.test(`refusedByController() advises: ${advice}`, () => {
    const text = refusedByController({ token, details, now: NOW });
    assert.match(text, advice);
    assert.match(text, /^the token is not valid/);
    assert.ok(!text.includes(token.slice(-20)), "it quotes the token");
  });
}

Deno.test("refusedByRouter() tells clocks from keys as far as they can be told", () => {
  const details = "invalid jwt token";
  const say = (claims: Record<string, unknown>) =>
    refusedByRouter({ token: token(claims), details, now: NOW });
  assert.match(say(VALID), /ROUTER_KEY.*clocks differ: the token is valid from .* until .*says/);
  assert.match(say({ ...VALID, exp: at(-1) }), /^it expired at .*; set the clocks/);
  assert.match(say({ ...VALID, nbf: at(9) }), /^it is not valid yet: .*; set the clocks/);
  assert.match(refusedByRouter({ token: "x", details, now: NOW }), /ROUTER_KEY.*clocks differ$/);
});
