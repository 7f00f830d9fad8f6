import assert from "node:assert/strict";
import { trustedRoots } from "./trusted_roots.ts";

Deno.test("trustedRoots() is the config's CA alone where there is one", () => {
  assert.equal(trustedRoots({ ca: "PEM", insecure: false }), "PEM");
});

Deno.test("trustedRoots() reads the file that SSL_CERT_FILE names", async () => {
  const file = await Deno.makeTempFile();
  const before = Deno.env.get("SSL_CERT_FILE");
  try {
    await Deno.writeTextFile(file, "bundle");
    Deno.env.set("SSL_CERT_FILE", file);
    assert.equal(trustedRoots({ insecure: false }), "bundle");
  } finally {
    if (before === undefined) Deno.env.delete("SSL_CERT_FILE");
    else Deno.env.set("SSL_CERT_FILE", before);
    await Deno.remove(file);
  }
});
