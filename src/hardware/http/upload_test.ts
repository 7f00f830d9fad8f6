import assert from "node:assert/strict";
import { until } from "../../../tests/until.ts";
import { call, chunks, put, text } from "./presigned_testing.ts";
import { serve } from "./testing.ts";

Deno.test("upload() sends all data and waits for the response", async () => {
  const bodies: string[] = [];
  await using site = await serve(async (request, response) => {
    bodies.push(await text(request));
    response.writeHead(201).end();
  });
  using resources = call();
  await resources.write(put(`${site.url}/a%40b?c`, { "content-type": "x/y" }), chunks("im", "age"));
  await resources.write(put(site.url, { "Content-Length": "5" }), chunks("image"));
  await resources.write(put(site.url), chunks());
  const large = "x".repeat(1 << 20);
  await resources.write(put(site.url), chunks(...Array<string>(5).fill(large)));
  assert.deepEqual(bodies, ["image", "image", "", large.repeat(5)]);
  const [first, second, third, fourth] = site.requests;
  assert.equal(first!.url, "/a%40b?c");
  assert.equal(first!.headers["content-type"], "x/y");
  for (const [{ headers }, length] of [[first!, "5"], [second!, "5"], [third!, "0"]] as const) {
    assert.equal(headers["content-length"], length);
    assert.equal(headers["transfer-encoding"], undefined);
  }
  assert.equal(fourth!.headers["transfer-encoding"], "chunked");
});

Deno.test("upload() does not complete a request whose content has another size than announced", async () => {
  let whole = 0;
  await using site = await serve((request, response) => {
    request.on("error", () => {});
    request.once("end", () => {
      whole++;
      response.end();
    });
    request.resume();
  });
  using resources = call();
  const sized = (size: number, ...parts: string[]) => Object.assign(chunks(...parts), { size });
  const refused = (found: string) => ({
    message: `Cannot upload to ${site.url}: expected 6 bytes, as its Content-Length says, ${found}`,
  });
  await assert.rejects(resources.write(put(site.url), sized(6, "im", "age")), refused("found 5"));
  await resources.write(put(site.url), sized(6, "im", "age", "s"));
  await assert.rejects(
    resources.write(put(site.url), sized(6, "im", "age", "ss")),
    refused("found more"),
  );
  const header = { "Content-length": "6" };
  await assert.rejects(
    resources.write(put(site.url, header), sized(5, "image")),
    refused("found 5"),
  );
  await assert.rejects(
    resources.write(put(site.url, { "content-length": "-1" }), chunks("image")),
    /expected a number as its Content-Length, found '-1'/,
  );
  assert.equal(whole, 1);
});

Deno.test("upload() does not complete a request that is refused, or whose source fails", async () => {
  let complete: boolean | undefined;
  await using site = await serve((request, response) => {
    if (request.url === "/full") {
      response.writeHead(507, "Full").end();
      return;
    }
    request.on("error", () => {});
    request.once("close", () => complete = request.complete);
    request.resume();
  });
  using resources = call();
  async function* endless() {
    for (;;) yield await Promise.resolve(new Uint8Array(1 << 16));
  }
  await assert.rejects(resources.write(put(`${site.url}/full`), endless()), /Cannot upload to/);
  async function* breaking() {
    yield new Uint8Array(10);
    await new Promise((resolve) => setTimeout(resolve, 50));
    throw new Error("the card is gone");
  }
  await assert.rejects(resources.write(put(site.url), breaking()), { message: "the card is gone" });
  assert.equal(site.requests.length, 1);
  const sized = Object.assign(breaking(), { size: 20 });
  await assert.rejects(resources.write(put(site.url), sized), { message: "the card is gone" });
  await until(() => complete !== undefined);
  assert.equal(complete, false);
});
