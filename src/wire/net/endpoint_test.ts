import assert from "node:assert/strict";
import { formatEndpoint, parseEndpoint } from "./endpoint.ts";

Deno.test("parseEndpoint() reads names, addresses and ports", () => {
  assert.deepEqual(parseEndpoint("grpc.example.com:8082"), {
    host: "grpc.example.com",
    port: 8082,
  });
  assert.deepEqual(parseEndpoint("grpc.example.com"), { host: "grpc.example.com", port: 443 });
  assert.deepEqual(parseEndpoint("[::1]:1"), { host: "::1", port: 1 });
  assert.deepEqual(parseEndpoint("[fe80::1]"), { host: "fe80::1", port: 443 });
  assert.deepEqual(parseEndpoint("::1"), { host: "::1", port: 443 });
});

Deno.test("parseEndpoint() reads names in other scripts as DNS has them", () => {
  assert.deepEqual(parseEndpoint("m\u00fcnchen.lab:8082"), {
    host: "xn--mnchen-3ya.lab",
    port: 8082,
  });
  assert.deepEqual(parseEndpoint("\u4f8b\u3048.jp"), { host: "xn--r8jz45g.jp", port: 443 });
  assert.throws(() => parseEndpoint("xn--\u00fc.lab:1"), /it is no name of a host/);
});

Deno.test("parseEndpoint() says what is wrong", () => {
  assert.throws(
    () => parseEndpoint("https://h:1"),
    /'https:\/\/h:1': it has a scheme; write host:port/,
  );
  assert.throws(() => parseEndpoint("h:99999"), /port must be 1 to 65535, found 99999/);
  assert.throws(() => parseEndpoint("h:0"), /port must be/);
  assert.throws(() => parseEndpoint("h/path"), /not host:port/);
  assert.throws(() => parseEndpoint(""), /not host:port/);
});

Deno.test("formatEndpoint() writes what parseEndpoint() reads", () => {
  for (const text of ["h:1", "[::1]:2", "127.0.0.1:443"]) {
    assert.equal(formatEndpoint(parseEndpoint(text)), text);
  }
});
