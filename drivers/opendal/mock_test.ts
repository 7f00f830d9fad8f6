import assert from "node:assert/strict";
import { mockFlasher, mockStorageMux, mockStorageMuxFlasher } from "./manifest.ts";
import { open } from "./testing.ts";

Deno.test("the mock flasher keeps an image for each partition until the lease ends", async () => {
  await using flasher = await open(mockFlasher);
  await flasher.upload("first", "flash", "image", null);
  await flasher.upload("rootfs", "flash", "image", "root/../fs");
  await flasher.upload("second", "flash", "image");
  assert.equal(await flasher.download("dump", "image", null), "second");
  assert.equal(await flasher.download("dump", "image", "default"), "second");
  assert.equal(await flasher.download("dump", "image", "root/../fs"), "rootfs");
  await assert.rejects(
    flasher.download("dump", "image", ".."),
    /nothing was flashed in this lease/,
  );
});

Deno.test("the mock muxes switch nothing and keep the written image", async () => {
  for (const factory of [mockStorageMux, mockStorageMuxFlasher]) {
    await using mux = await open(factory);
    assert.equal(await mux.download("read", "image"), "");
    for (const image of ["a longer image", "image", ""]) {
      await mux.upload(image, "write", "image");
      assert.equal(await mux.download("read", "image"), image);
    }
    for (const method of ["host", "dut", "off"]) assert.equal(await mux.call(method), null);
  }
});

Deno.test("an argument that is no handle is refused", async () => {
  await using flasher = await open(mockFlasher);
  await assert.rejects(flasher.call("flash", "file.img"), { name: "InvalidArgument" });
});
