import assert from "node:assert/strict";
import { certificates } from "../../../tests/controller/tls.ts";
import { expiryProblem, parseCertificates } from "./certificates.ts";

Deno.test("parseCertificates() takes several certificates, and text between them", async () => {
  const { caPem, server } = await certificates();
  const bundle = `# authorities\n${caPem}\n# another\n${server.certPem}`;
  assert.deepEqual(parseCertificates(btoa(bundle)), { pem: bundle });
});

Deno.test("parseCertificates() tells paths, quotes and base64 of URLs from base64", () => {
  const cases: [string, RegExp][] = [
    ["/etc/ca", /the path of a file; write the output of: base64 -w0 \/etc\/ca$/],
    ["./ca.crt", /the path of a file; write the output of: base64 -w0 \.\/ca\.crt$/],
    ["ca.pem", /the path of a file; write the output of: base64 -w0 ca\.pem$/],
    ["LS0t-LS_0t", /it has - or _, as base64 in URLs; write/],
    ["<base64 of ca.crt>", /not filled in/],
    ['"LS0t"', /found text that is not base64; write/],
  ];
  for (const [text, expected] of cases) {
    const parsed = parseCertificates(text);
    assert.ok("problem" in parsed, text);
    assert.match(parsed.problem, expected);
  }
});

Deno.test("expiryProblem() names the certificate that expired, with both clocks", async () => {
  const { caPem, expired } = await certificates();
  assert.equal(expiryProblem(caPem), undefined);
  assert.match(
    expiryProblem(caPem + expired.certPem)!,
    /found one that expired at 20\S+Z \(CN=expired\), and the clock of this host says 20\S+Z; write/,
  );
});
