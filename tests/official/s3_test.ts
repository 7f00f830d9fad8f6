/** Images that go to S3 by presigned requests. */
import assert from "node:assert/strict";
import { upload } from "../../src/hardware/http/presigned.ts";
import { startS3 } from "./s3/server.ts";
import { openSite } from "./site.ts";
import { freePort, storageTree } from "./storage.ts";
import { localSocket } from "./transports.ts";

const LENGTH = 9_000_001;

Deno.test("the official client dumps to S3 by presigned requests, and flashes from there", async () => {
  await using s3 = await startS3();
  await using site = await openSite();
  await using connection = await localSocket.connect(site, storageTree(site.dir, freePort()));
  const { sizes, same } = await site.client.show<{ sizes: number[]; same: boolean }>(
    "check_s3",
    connection.env,
    [site.dir, s3.bucket, String(LENGTH)],
  );
  assert.deepEqual(sizes, [LENGTH, LENGTH, LENGTH, 0]);
  assert.ok(same);
});

Deno.test("upload() to S3 says what to do where the size is not known", async () => {
  await using s3 = await startS3();
  const handle = {
    kind: "presigned_request",
    method: "PUT",
    url: `${s3.bucket}/image?X-Amz-Signature=secret`,
    headers: {},
  } as const;
  const signal = AbortSignal.timeout(60_000);
  async function* image(megabytes: number) {
    for (let count = 0; count < megabytes; count++) {
      yield await Promise.resolve(new Uint8Array(1 << 20));
    }
  }
  await upload(handle, image(4), { signal });
  const { body, headers } = await fetch(`${s3.bucket}/image`);
  await body?.cancel();
  assert.equal(headers.get("content-length"), String(4 << 20));
  await assert.rejects(upload(handle, image(6), { signal }), {
    message:
      `Cannot upload to ${s3.bucket}/image?[REDACTED]: expected a success, found status 411 ` +
      "Length Required: the server wants to know the size in advance, as S3 does, which is not " +
      "known here; dump to a file, and upload that: curl -T FILE 'URL'",
  });
});
