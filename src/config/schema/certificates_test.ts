import assert from "node:assert/strict";
import { certificates } from "../../../tests/controller/tls.ts";
import { bundleProblem, parseCertificates } from "./certificates.ts";

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
    ['"LS0t"', /found quotes that are part of the text; write/],
    [
      "file:///etc/ca.crt",
      /found an address or a path in place of the contents of the file; write/,
    ],
    ["C:\\ca.crt", /found an address or a path in place of the contents of the file; write/],
  ];
  for (const [text, expected] of cases) {
    const parsed = parseCertificates(text);
    assert.ok("problem" in parsed, text);
    assert.match(parsed.problem, expected);
  }
});

/** Files that openssl writes, and what is said of them. */
const DER: [string[], RegExp][] = [
  [["x509", "-outform", "der"], /a certificate in DER form; write .*openssl x509 -inform der/],
  [["ec", "-outform", "der"], /a private key, .*; replace it by the certificate/],
  [["pkcs8", "-topk8", "-nocrypt", "-outform", "der"], /a private key, .*; replace it by/],
  [["pkcs12", "-export", "-passout", "pass:"], /a PKCS #12 file; .*openssl pkcs12 .*-cacerts/],
];

for (const [argv, expected] of DER) {
  Deno.test(`parseCertificates() names what openssl ${argv[0]} writes in DER form`, async () => {
    const { server: { certPem, keyPem } } = await certificates();
    const parsed = parseCertificates(base64(await openssl(argv, keyPem + certPem)));
    assert.ok("problem" in parsed);
    assert.match(parsed.problem, expected);
  });
}

async function openssl(args: string[], input: string): Promise<Uint8Array> {
  const command = { args, stdin: "piped", stdout: "piped", stderr: "piped" } as const;
  const child = new Deno.Command("openssl", command).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { success, stdout, stderr } = await child.output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return stdout;
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

Deno.test("bundleProblem() names the certificate that is out of its time, with both clocks", async () => {
  const { caPem, expired, future } = await certificates();
  assert.equal(bundleProblem(caPem), undefined);
  assert.match(
    bundleProblem(caPem + expired.certPem)!,
    /found one that expired at 20\S+Z \(CN=expired\), and the clock of this host says 20\S+Z; write/,
  );
  assert.match(
    bundleProblem(caPem + future.certPem)!,
    /found one that is valid from 2099-01-01T00:00:00Z \(CN=\w+\), and the clock of this host says 20\S+Z; set the clock/,
  );
  // A board without a clock begins in 1970.
  assert.match(bundleProblem(caPem, 0)!, /the clock of this host says 1970-\S+Z; set the clock/);
});

Deno.test("bundleProblem() tells of a private key that everybody who has the config can read", async () => {
  const { caPem, server } = await certificates();
  assert.match(
    bundleProblem(caPem + server.keyPem)!,
    /found a private key beside them, .*; remove/,
  );
});
