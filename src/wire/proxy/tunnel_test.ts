/** Proxies that connect, and those that do not. */
import assert from "node:assert/strict";
import { BadPort } from "../../../tests/controller/bad_port.ts";
import { parseEndpoint } from "../net/endpoint.ts";
import { parseProxy } from "./proxy.ts";
import { dialThrough } from "./tunnel.ts";

const target = { host: "controller.corp", port: 8082 };

/** Why a proxy at `endpoint` does not connect; `the proxy …` is cut off. */
async function failure(endpoint: string, user = "", ms = 20_000): Promise<string> {
  const proxy = parseProxy(`http://${user}${endpoint}`, "https_proxy")!;
  try {
    (await dialThrough({ proxy, target }, { ms })).destroy();
  } catch (error) {
    assert.equal((error as Error).name, "ProxyFailed");
    const { message } = error as Error;
    const prefix = `the proxy ${endpoint} (https_proxy) `;
    assert.ok(message.startsWith(prefix), message);
    assert.doesNotMatch(message, /secret/);
    return message.slice(prefix.length);
  }
  throw new Error("it connects");
}

/** Why a proxy that answers `says` does not connect. */
async function answer(says: string | Uint8Array, user?: string): Promise<string> {
  const bytes = typeof says === "string" ? new TextEncoder().encode(says) : says;
  await using port = await BadPort.open(bytes);
  return await failure(port.endpoint, user);
}

const BYPASS = "name controller.corp in no_proxy to connect to it directly";

Deno.test("a proxy that refuses is quoted, with the remedy", async () => {
  const refused = "refused to connect to controller.corp:8082: ";
  assert.equal(
    await answer("HTTP/1.1 403 Forbidden\r\n\r\n<html>secret"),
    `${refused}403 Forbidden; allow CONNECT to controller.corp:8082 in the proxy, or ${BYPASS}`,
  );
  assert.equal(
    await answer("HTTP/1.0 502 Bad\x1b[31m Gateway\n\n"),
    `${refused}502 Bad\\x1b[31m Gateway; check that it can resolve and reach ` +
      `controller.corp:8082, or ${BYPASS}`,
  );
  assert.match(await answer("HTTP/1.1 405\r\n\r\n"), /: 405; check that it allows CONNECT to/);
  assert.match(await answer("HTTP/1.1 301 Moved\r\nLocation: /\r\n\r\n"), /: 301 Moved; /);
});

Deno.test("a proxy that asks who the user is gets advice on user and password", async () => {
  const basic = 'HTTP/1.1 407 Who?\r\nProxy-Authenticate: Basic realm="x"\r\n\r\n';
  assert.match(
    await answer(basic),
    /: 407 Who\?; write the user and the password into https_proxy/,
  );
  assert.match(
    await answer(basic, "me:secret@"),
    /; correct the user and the password in https_pro/,
  );
  const other =
    "HTTP/1.1 407 No\r\nProxy-Authenticate: Negotiate\r\nproxy-authenticate: NTLM\r\n\r\n";
  assert.match(await answer(other), /; it asks for Negotiate or NTLM, and only Basic is supported/);
});

Deno.test("a port that is no HTTP proxy is described by what it says", async () => {
  assert.match(
    await answer("SSH-2.0-OpenSSH_9.2\r\n"),
    /^does not answer in HTTP: "SSH-2\.0-OpenSSH/,
  );
  assert.match(await answer("HTTP/1.1 abc\r\n\r\n"), /^does not answer in HTTP: "HTTP\/1\.1 abc/);
  assert.match(await answer("no"), /^does not answer in HTTP: "no"/);
  assert.match(
    await answer(Uint8Array.of(0x15, 3, 1, 0, 2, 2, 70)),
    /^speaks TLS and not plain HTTP; /,
  );
  const long = `HTTP/1.1 200 OK\r\nX: ${"x".repeat(100_000)}`;
  assert.match(await answer(long), /^answers with a head of more than 16384 bytes; check that/);
});

Deno.test("a proxy that is silent, hangs up or is not there is called so", async () => {
  {
    await using port = await BadPort.open();
    assert.match(
      await failure(port.endpoint, "", 200),
      /^gave no answer within 0\.2 s when it was asked to connect to controller\.corp:8082; /,
    );
  }
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const endpoint = `127.0.0.1:${listener.addr.port}`;
  const served = listener.accept().then(async (conn) => {
    await conn.read(new Uint8Array(4096));
    conn.close();
  });
  assert.match(await failure(endpoint), /^closed the connection before it had answered; /);
  await served;
  listener.close();
  assert.match(
    await failure(endpoint),
    /^cannot be reached \(.*ECONNREFUSED.*\); correct https_proxy/,
  );
  assert.match(await failure("nowhere.invalid:3128"), /^cannot be reached \(.*nowhere\.invalid/);
});

Deno.test("dialThrough() hands over the bytes that come with the answer, and sends credentials", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const proxy = parseProxy(`http://me:p%40ss@127.0.0.1:${listener.addr.port}`, "https_proxy")!;
  const asked = listener.accept().then(async (conn) => {
    const buffer = new Uint8Array(4096);
    const length = await conn.read(buffer) ?? 0;
    await conn.write(new TextEncoder().encode("HTTP/1.1 200 OK\r\nX: y\r\n\r\nfirst"));
    conn.close();
    return new TextDecoder().decode(buffer.subarray(0, length));
  });
  const socket = await dialThrough({ proxy, target: parseEndpoint("[fd00::1]:1") });
  const heard: Uint8Array[] = [];
  for await (const chunk of socket) heard.push(chunk);
  assert.equal(new TextDecoder().decode(heard[0]), "first");
  const text = await asked;
  assert.match(text, /^CONNECT \[fd00::1\]:1 HTTP\/1\.1\r\nhost: \[fd00::1\]:1\r\n/);
  assert.match(text, new RegExp(`\r\nproxy-authorization: Basic ${btoa("me:p@ss")}\r\n`));
});

Deno.test("dialThrough() gives up with the signal's reason", async () => {
  await using port = await BadPort.open();
  const proxy = parseProxy(`http://${port.endpoint}`, "https_proxy")!;
  const abort = new AbortController();
  const dialled = dialThrough({ proxy, target }, { signal: abort.signal });
  abort.abort(new Error("enough"));
  await assert.rejects(dialled, /enough/);
});
