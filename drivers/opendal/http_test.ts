import assert from "node:assert/strict";
import { createServer, type IncomingMessage } from "node:http";
import { opendal } from "./manifest.ts";
import { file, open, read } from "./testing.ts";

Deno.test("http: reads from its position on, whatever range the server sends, or refuses it", async () => {
  let begin = 0;
  const server = createServer((request, response) => {
    if (request.headers.range === undefined) return void response.end("0123456789");
    const range = `bytes ${begin}-9/10`;
    response.writeHead(206, { "content-range": range }).end("0123456789".slice(begin));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  try {
    await using storage = await open(opendal, { scheme: "http", kwargs: { endpoint } });
    const from4 = async () => {
      const fd = await storage.call("open", "image", "rb");
      await storage.call("file_seek", fd, 4, 0);
      return await storage.download("file_read", fd, "image");
    };
    for (begin of [4, 0, 2]) assert.equal(await from4(), "456789");
    begin = 6;
    await assert.rejects(from4(), /expected bytes from 4 on, found 'bytes 6-9\/10'/);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

Deno.test("http: reads the files of a web server", async () => {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    const wanted = /^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1];
    if (request.url === "/releases/moved") {
      response.writeHead(302, { location: "/releases/a%20b" }).end();
    } else if (request.url !== "/releases/a%20b") response.writeHead(404).end("no");
    else {
      const body = "0123456789".slice(Number(wanted ?? 0));
      response.writeHead(wanted ? 206 : 200, {
        "content-length": body.length,
        "content-type": "text/plain",
        "etag": '"1"',
      }).end(request.method === "HEAD" ? undefined : body);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  try {
    await using storage = await open(opendal, {
      scheme: "http",
      kwargs: { endpoint, root: "releases" },
    });
    assert.deepEqual(await storage.call("stat", "a b"), {
      ...file(10),
      content_type: "text/plain",
      etag: '"1"',
    });
    assert.equal(await read(storage, "a b"), "0123456789");
    assert.equal(await read(storage, "moved"), "0123456789");
    const fd = await storage.call("open", "a b", "rb");
    await storage.call("file_seek", fd, -3, 2);
    assert.equal(await storage.download("file_read", fd, "image"), "789");
    assert.equal(await storage.download("file_read", fd, "image"), "");
    assert.equal(await storage.call("exists", "other"), false);
    await assert.rejects(storage.call("stat", "other"), /NotFound .* answers 404/);
    assert.deepEqual(await storage.call("presign_read", "a b?c", 60), {
      url: `${endpoint}/releases/a%20b%3Fc`,
      method: "GET",
      headers: {},
    });
    const { method } = await storage.call("presign_stat", "a", 60) as { method: string };
    assert.equal(method, "HEAD");
    for (const [method, ...args] of [["delete", "a"], ["open", "a", "wb"], ["create_dir", "a/"]]) {
      await assert.rejects(storage.call(method!, ...args), /Unsupported/);
    }
    await assert.rejects(storage.entries("list", ""), /Unsupported/);
    await using secret = await open(opendal, {
      scheme: "https",
      kwargs: { endpoint, root: "/releases/", username: "me", password: "pw" },
    });
    assert.equal(await read(secret, "a b"), "0123456789");
    assert.equal(requests.at(-1)!.headers.authorization, `Basic ${btoa("me:pw")}`);
    await assert.rejects(secret.call("presign_read", "a", 10), /requires a user name or a token/);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});
