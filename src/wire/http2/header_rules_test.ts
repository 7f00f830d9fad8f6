import assert from "node:assert/strict";
import fc from "fast-check";
import {
  contentLength,
  faultOfRequest,
  faultOfResponse,
  faultOfTrailers,
  isInformational,
  RequestRules,
} from "./header_rules.ts";
import type { Header } from "./header_table.ts";

const latin1 = (from: number, to: number) =>
  fc.integer({ min: from, max: to }).map((code) => String.fromCharCode(code));

const nameChar = fc.constantFrom(..."abcdefghijklmnopqrstuvwxyz0123456789-_.!#$%&'*+^`|~");
const FORBIDDEN = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
  "te",
  "host",
  "content-length",
]);
const name = fc.string({ unit: nameChar, minLength: 1, maxLength: 20 })
  .filter((text) => !FORBIDDEN.has(text));
const visible = fc.oneof(latin1(0x21, 0x7e), latin1(0x80, 0xff));
const value = fc.tuple(
  fc.string({ unit: visible, maxLength: 3 }),
  fc.string({ unit: fc.oneof(visible, fc.constantFrom(" ", "\t")), maxLength: 10 }),
  visible,
).map(([start, middle, end]) => start === "" ? "" : start + middle + end);
const regular: fc.Arbitrary<Header> = fc.oneof(
  fc.tuple(name, value),
  fc.constantFrom<Header>(["te", "trailers"], ["content-length", "7"], ["host", "a:1"]),
);
const pseudo: fc.Arbitrary<Header[]> = fc.tuple(
  fc.constantFrom<Header>([":method", "POST"], [":method", "GET"], [":method", "x-y"]),
  fc.constantFrom<Header>([":scheme", "http"], [":scheme", "https"], [":scheme", "grpc+unix"]),
  fc.constantFrom<Header>([":path", "/"], [":path", "/a.B/C?d=%20"]),
  fc.constantFrom<Header | undefined>([":authority", ""], [":authority", "[::1]:80"], undefined),
).chain((list) => fc.shuffledSubarray(list, { minLength: list.length }))
  .map((list) => list.filter((entry) => entry !== undefined));
const request = fc.tuple(pseudo, fc.array(regular, { maxLength: 8 }))
  .map(([first, rest]) => [...first, ...rest]);

Deno.test("a request that keeps the rules has no fault", () => {
  fc.assert(
    fc.property(request, (headers) => {
      assert.equal(faultOfRequest(headers), undefined);
    }),
    { numRuns: 1000 },
  );
});

Deno.test("a list that was judged before is known again, and no other is taken for it", () => {
  const broken = fc.constantFrom<Header>(["te", "gzip"], ["A", "b"], ["a", "b\n"], [":path", "/"]);
  fc.assert(fc.property(request, broken, fc.nat(), (headers, field, at) => {
    const rules = new RequestRules();
    assert.notEqual(rules.fault([], 0), undefined);
    for (const size of [100, 100, 10_000]) assert.equal(rules.fault(headers, size), undefined);
    const other = headers.with(at % headers.length, field);
    assert.equal(rules.fault(other, 100), faultOfRequest(other));
    assert.notEqual(rules.fault([...headers, field], 100), undefined);
    assert.equal(rules.fault([...headers], 100), undefined);
  }));
});

const without = (list: readonly Header[], key: string) => list.filter(([found]) => found !== key);
const badNameChar = fc.oneof(latin1(0, 0x20), latin1(0x41, 0x5a), latin1(0x7f, 0xff))
  .chain((char) => fc.constantFrom(char, `a${char}`, `${char}b`, "a:b", '"', "(", "/"));
const badValue = fc.constantFrom(
  " a",
  "a ",
  "\ta",
  "a\t",
  "a\0b",
  "a\rb",
  "a\nb",
  "\x7f",
  "\x1b[0m",
);

/** What makes any request that keeps the rules break one. */
const BREACHES: Record<string, fc.Arbitrary<(list: Header[]) => Header[]>> = {
  "a name with what no name has": badNameChar.map((bad) => (list) => [...list, [bad, "x"]]),
  "a name of nothing": fc.constant((list) => [...list, ["", "x"]]),
  "a value with what no value has": badValue.map((bad) => (list) => [...list, ["x", bad]]),
  "a value of a pseudo-header that is none": badValue.map((bad) => (list) => [
    [":path", `/${bad}`],
    ...without(list, ":path"),
  ]),
  "a pseudo-header twice": fc.constantFrom(":method", ":scheme", ":path").map((key) => (list) => [
    list.find(([found]) => found === key)!,
    ...list,
  ]),
  "two authorities": fc.constant((list) => [[":authority", "a"], [":authority", "a"], ...list]),
  "no pseudo-header": fc.constantFrom(":method", ":scheme", ":path")
    .map((key) => (list) => without(list, key)),
  "one that nobody knows": fc.constantFrom(":status", ":protocol", ":foo", ":")
    .map((key) => (list) => [[key, "200"], ...list]),
  "one after others": fc.constant((list) => [...list, ["a", "b"], [":authority", "c"]]),
  "no path to speak of": fc.constantFrom("", "a", "*", "http://a/", "/a b", "/\x80")
    .map((path) => (list) => [[":path", path], ...without(list, ":path")]),
  "no scheme to speak of": fc.constantFrom("", "1a", "a b", "://")
    .map((scheme) => (list) => [[":scheme", scheme], ...without(list, ":scheme")]),
  "no method to speak of": fc.constantFrom("", "a b", "a:b")
    .map((method) => (list) => [[":method", method], ...without(list, ":method")]),
  "an authority with a user": fc.constant((list) => [
    [":authority", "me@there"],
    ...without(list, ":authority"),
  ]),
  "a field of the connection": fc.constantFrom("connection", "keep-alive", "upgrade")
    .chain((key) => fc.constantFrom(key, "proxy-connection", "transfer-encoding"))
    .map((key) => (list) => [...list, [key, "close"]]),
  "te that is no trailers": fc.constantFrom("", "gzip", "trailers, gzip", "Trailers")
    .map((te) => (list) => [...list, ["te", te]]),
  "two hosts": fc.constant((list) => [...list, ["host", "b"], ["host", "c"]]),
  "two lengths": fc.constant((list) => [...list, ["content-length", "8"], ["content-length", "9"]]),
  "a length that is none": fc.constantFrom("", "-1", "1.0", "0x1", "1,1", "1".repeat(16))
    .map((length) => (list) => [...list, ["content-length", length]]),
  "CONNECT with a path": fc.constant((
    list,
  ) => [[":method", "CONNECT"], ...without(list, ":method")]),
};

for (const [what, breach] of Object.entries(BREACHES)) {
  Deno.test(`a request with ${what} is malformed`, () => {
    fc.assert(fc.property(request, breach, (headers, breaking) => {
      assert.notEqual(faultOfRequest(breaking([...headers])), undefined);
    }));
  });
}

Deno.test("any headers are judged without a throw, in words that can be shown", () => {
  const text = fc.string({ unit: latin1(0, 0xff), maxLength: 100 });
  const any = fc.array(fc.tuple(fc.oneof(text, name), fc.oneof(text, value)), { maxLength: 6 });
  fc.assert(fc.property(any, (headers) => {
    for (const judge of [faultOfRequest, faultOfResponse, faultOfTrailers]) {
      const fault = judge(headers);
      assert.ok(fault === undefined || (fault.length < 500 && /^[\x20-\x7e]*$/.test(fault)));
    }
  }));
});

Deno.test("an answer has one status, and nothing of a request", () => {
  const good: Header[][] = [
    [[":status", "200"], ["content-type", "application/grpc"], ["server", "envoy"]],
    [[":status", "103"]],
    [[":status", "204"], ["content-length", "0"]],
  ];
  for (const headers of good) assert.equal(faultOfResponse(headers), undefined);
  const bad: Header[][] = [
    [],
    [["content-type", "application/grpc"]],
    [[":status", "200"], [":status", "200"]],
    [["a", "b"], [":status", "200"]],
    [[":status", "OK"]],
    [[":status", "20"]],
    [[":status", "101"]],
    [[":status", "200"], [":path", "/"]],
    [[":status", "200"], ["connection", "close"]],
    [[":status", "200"], ["transfer-encoding", "chunked"]],
    [[":status", "200"], ["content-length", "1"], ["content-length", "2"]],
  ];
  for (const headers of bad) assert.notEqual(faultOfResponse(headers), undefined, `${headers}`);
});

Deno.test("trailers have no pseudo-headers, and no fields of the connection", () => {
  assert.equal(faultOfTrailers([["grpc-status", "0"], ["grpc-message", "it is done"]]), undefined);
  assert.equal(faultOfTrailers([]), undefined);
  const bad: Header[] = [[":status", "200"], [":path", "/"], ["connection", "x"], ["Up", "x"]];
  for (const header of bad) assert.notEqual(faultOfTrailers([header]), undefined, `${header}`);
});

Deno.test("the length and what is informational are found", () => {
  assert.equal(contentLength([["a", "1"], ["content-length", "17"]]), 17);
  assert.equal(contentLength([["a", "1"]]), undefined);
  assert.ok(isInformational([[":status", "103"]]) && !isInformational([[":status", "200"]]));
});
