import assert from "node:assert/strict";
import { tokenProblem } from "./token.ts";

Deno.test("tokenProblem() says where a token has what does not belong to it, and quotes nothing", () => {
  const cases: [string, RegExp | undefined][] = [
    ["eyJh.eyJi.c2ln", undefined],
    ["", /found nothing/],
    ["Bearer eyJhbGci", /found an HTTP authorization scheme before it;/],
    ['"eyJhbGci"', /found quotes that are part of it;/],
    ["eyJh bGci", /found spaces in it, after 4 of 9 characters;/],
    ["eyJh\nbGci", /found line ends in it, after 4 of 9 characters;/],
    ["eyJh\u00a0bGci", /found U\+00A0 in it, after 4 of 9 characters;/],
    ["eyJh\u{1f600}bGci", /found U\+1F600 in it/],
    ["eyJh\0bGci", /found U\+0000 in it/],
  ];
  for (const [token, expected] of cases) {
    const problem = tokenProblem(token);
    if (expected === undefined) assert.equal(problem, undefined);
    else assert.match(problem!, expected);
    assert.ok(!problem?.includes("bGci"), token);
  }
});
