/** Addresses with characters that no request can contain. */
import assert from "node:assert/strict";
import { createServer } from "node:net";
import { InvalidArgument } from "../../wire/error.ts";
import { parseAddress } from "./address.ts";
import { request } from "./mod.ts";

/** Paths with queries as people write them, and as they are sent. */
const TARGETS: Readonly<Record<string, string>> = {
  "/my image.img": "/my%20image.img",
  "/my%20image.img": "/my%20image.img",
  "/Ger\u00e4te/f\u00fcr uns.img?key=\u00fc b": "/Ger%C3%A4te/f%C3%BCr%20uns.img?key=%C3%BC%20b",
  "/\u65e5\u672c/\u{1f600}": "/%E6%97%A5%E6%9C%AC/%F0%9F%98%80",
  "?a b": "/?a%20b",
  "/100%/x%zz": "/100%/x%zz",
  "/no\u00a0break": "/no%C2%A0break",
};

Deno.test("parseAddress() encodes blanks and characters beyond ASCII, and nothing else", () => {
  for (const [written, sent] of Object.entries(TARGETS)) {
    assert.equal(parseAddress(`http://a.example${written}#part`).target, sent);
  }
  assert.equal(parseAddress(" https://a.example/x\n").target, "/x");
});

Deno.test("parseAddress() encodes names of hosts in other scripts", () => {
  const hosts = {
    "m\u00fcnchen.lab": "xn--mnchen-3ya.lab",
    "M\u00dcNCHEN.lab": "xn--mnchen-3ya.lab",
    "\u4f8b\u3048.jp": "xn--r8jz45g.jp",
    "bench_1.lab": "bench_1.lab",
  };
  for (const [written, sent] of Object.entries(hosts)) {
    assert.equal(parseAddress(`http://${written}:81/x`).host, sent);
  }
  assert.throws(() => parseAddress("http://my host/x"), {
    name: "InvalidArgument",
    message:
      'Cannot use the address http://my host/x: expected the name of a host, found "my host"',
  });
});

Deno.test("parseAddress() names a control character", () => {
  assert.throws(
    () => parseAddress("http://a/x\ty?secret"),
    new InvalidArgument(
      "Cannot use the address http://a/x\ty?[REDACTED]: expected control characters in it to be " +
        "percent-encoded, found U+0009",
    ),
  );
});

/** Answers the first request with a redirect, whose bytes are those of `location`. */
async function redirecting(location: (port: number) => Uint8Array): Promise<string> {
  const seen: string[] = [];
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", (bytes) => {
      seen.push(bytes.toString("latin1").split(" ")[1]!);
      const port = (server.address() as { port: number }).port;
      const head = "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nConnection: close\r\nLocation: ";
      if (seen.length > 1) return socket.end("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
      socket.write(head);
      socket.write(location(port));
      return socket.end("\r\n\r\n");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const { port } = server.address() as { port: number };
    await request("GET", `http://127.0.0.1:${port}/first`);
    return seen[1]!;
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

Deno.test("request() follows redirects to addresses with blanks and umlauts", async () => {
  const utf8 = (text: string) => new TextEncoder().encode(text);
  const latin1 = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
  const path = "/Ger\u00e4t 1.img?a=\u00fc";
  const sent = "/Ger%C3%A4t%201.img?a=%C3%BC";
  for (const bytes of [utf8, latin1]) {
    assert.equal(await redirecting((port) => bytes(`http://127.0.0.1:${port}${path}`)), sent);
    assert.equal(await redirecting(() => bytes(path)), sent);
  }
});
