import assert from "node:assert/strict";
import { hideSecrets, hideWords, keepSecret, redacted } from "./secrets.ts";

Deno.test("hideSecrets() replaces a kept secret at any position", () => {
  keepSecret("tok.en$1-of-this-test");
  keepSecret("");
  keepSecret("ab");
  assert.equal(
    hideSecrets("'tok.en$1-of-this-test' abtok.en$1-of-this-test"),
    "'[REDACTED]' ab[REDACTED]",
  );
});

Deno.test("hideSecrets() replaces a secret that contains another one completely", () => {
  keepSecret("inner-secret");
  keepSecret("outer-inner-secret-outer");
  assert.equal(hideSecrets("outer-inner-secret-outer inner-secret"), "[REDACTED] [REDACTED]");
});

Deno.test("keepSecret() drops the least recently used of many secrets", () => {
  keepSecret("rotated-away");
  for (let index = 0; index < 100; index++) {
    keepSecret("still-in-use");
    keepSecret(`rotated-${index}-`);
  }
  assert.equal(
    hideSecrets("rotated-away rotated-99- still-in-use"),
    "rotated-away [REDACTED] [REDACTED]",
  );
});

Deno.test("redacted() removes credentials from addresses", () => {
  const told: [string, string][] = [
    ["socket://me:pw@host:23", "socket://[REDACTED]@host:23"],
    ["'https://token@h/a?b=c' x", "'https://[REDACTED]@h/a?b=c' x"],
    ["https://h/a?x=1&X-Amz-Signature=0a&y=2", "https://h/a?x=1&X-Amz-Signature=[REDACTED]&y=2"],
    ["https://h/a?sv=1&sig=a%2Fb#x", "https://h/a?sv=1&sig=[REDACTED]#x"],
    ["ws://h/?access_token=abc", "ws://h/?access_token=[REDACTED]"],
    [
      "X-Goog-Credential: ?X-Goog-Credential=me",
      "X-Goog-Credential: ?X-Goog-Credential=[REDACTED]",
    ],
    ["Authorization: Bearer abc.def.ghi", "Authorization: Bearer [REDACTED]"],
    ["me@example.com, http://h:80/a@b?c", "me@example.com, http://h:80/a@b?c"],
  ];
  for (const [text, expected] of told) assert.equal(redacted(text), expected);
});

Deno.test("redacted() limits its time for long and adversarial text", () => {
  const million = (unit: string) => unit.repeat(Math.ceil((1 << 20) / unit.length));
  const started = performance.now();
  const searched = redacted("a".repeat(8 << 20));
  assert.match(searched, /^a+ \.\.\. \[\d+ characters left out\] \.\.\. a+$/);
  assert.ok(searched.length <= 256 * 1024);
  for (const unit of ["a", "://", "?", "?sig", "&a-", "bearer ", "?token=", "://a"]) {
    redacted(million(unit));
  }
  // Milliseconds on an idle machine; hours where a search is quadratic.
  assert.ok(performance.now() - started < 20_000);
});

Deno.test("hideWords() looks for no word in what replaces another one", () => {
  assert.equal(hideWords("a filled form", ["filled", "REDACTED"]), "a [REDACTED] form");
  const odd = ["^a$[b]", "c.*|d", "e\\f-/"];
  assert.equal(hideWords(odd.join(" "), odd), "[REDACTED] [REDACTED] [REDACTED]");
  assert.equal(hideWords("cxx", ["c.*"]), "cxx");
});
