import assert from "node:assert/strict";
import { createServer as createTcpServer } from "node:net";
import { gzipSync } from "node:zlib";
import { call, get, text } from "./presigned_testing.ts";
import { serve } from "./testing.ts";

Deno.test("download() decodes a response with a content-encoding", async () => {
  await using site = await serve((_request, response) => {
    response.setHeader("content-encoding", "gzip");
    response.end(gzipSync("image"));
  });
  using resources = call();
  const source = await resources.read(get(site.url));
  assert.equal(source.size, undefined);
  assert.equal(await text(source), "image");
});

Deno.test("download() refuses a content-encoding that it does not know, instead of passing it on packed", async () => {
  const codings = ["exi", "compress", "gzip, exi"];
  await using site = await serve((request, response) => {
    response.setHeader("content-encoding", codings[Number(request.url!.slice(1))]!);
    response.end("packed");
  });
  using resources = call();
  for (const [index, coding] of codings.entries()) {
    await assert.rejects(resources.read(get(`${site.url}/${index}`)), {
      message: `Cannot download ${site.url}/${index}: expected content in the codings gzip, ` +
        `deflate, br, zstd, identity, found '${coding}'; let the server send the file as it is`,
    });
  }
});

Deno.test("download() accepts up to 256 KB of response headers", async () => {
  await using site = await serve((request, response) => {
    for (let left = Number(request.url!.slice(1)); left > 0; left -= 1000) {
      response.setHeader(`x-policy-${left}`, "p".repeat(1000));
    }
    response.end("image");
  });
  using resources = call();
  for (const length of [20_000, 200_000]) {
    assert.equal(await text(await resources.read(get(`${site.url}/${length}`))), "image");
  }
  await assert.rejects(
    resources.read(get(`${site.url}/300000`)),
    /expected at most 256 KB of headers, found more/,
  );
});

Deno.test("download() refuses a body that is longer or shorter than its content-length, or coded in its transfer", async () => {
  let answer: Uint8Array = new Uint8Array();
  const server = createTcpServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.end(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  using resources = call();
  const answered = async (head: string, body: Uint8Array | string) => {
    answer = Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\n${head}\r\n\r\n`), Buffer.from(body)]);
    return await text(await resources.read(get(`http://127.0.0.1:${port}/x`)));
  };
  await assert.rejects(answered("content-length: 2", "image"), /found more bytes/);
  await assert.rejects(
    answered("content-length: 9", "image"),
    /after 5 bytes: expected 9 bytes, found the connection closed before/,
  );
  await assert.rejects(answered("content-length: many", "image"), /Content-Length/);
  const packed = gzipSync("image");
  const chunked = `${packed.length.toString(16)}\r\n${packed.toString("latin1")}\r\n0\r\n\r\n`;
  const head = "transfer-encoding: gzip, chunked";
  assert.equal(await answered(head, Buffer.from(chunked, "latin1")), "image");
  await new Promise((resolve) => server.close(resolve));
});
