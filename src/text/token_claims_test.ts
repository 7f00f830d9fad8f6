import assert from "node:assert/strict";
import { tokenClaims } from "./token_claims.ts";

function token(claims: unknown): string {
  const part = (value: unknown) => btoa(JSON.stringify(value)).replace(/=+$/, "");
  return `${part({ alg: "ES256" })}.${part(claims)}.c2ln`;
}

Deno.test("tokenClaims() reads whom and when a token is for", () => {
  const claims = {
    iss: "https://a",
    sub: "exporter:lab:one",
    aud: ["x", "y"],
    iat: 100,
    nbf: 200,
    exp: 300,
  };
  assert.deepEqual(tokenClaims(token(claims)), {
    issuer: "https://a",
    subject: "exporter:lab:one",
    audience: "x, y",
    from: new Date(200_000),
    until: new Date(300_000),
  });
});

Deno.test("tokenClaims() believes no claim that cannot be", () => {
  assert.deepEqual(
    tokenClaims(token({ iss: 1, sub: "a\nb", aud: {}, exp: 1e300, iat: "x", nbf: null })),
    { subject: "a\\nb" },
  );
  for (const text of ["", "secret", "a.b", "a.b.c", "a.b.c.d", token(7), token(null)]) {
    assert.equal(tokenClaims(text), undefined, text);
  }
});
