import assert from "node:assert/strict";
import { Log } from "../log/log.ts";
import { readKeyPair } from "./key_pair.ts";

/** Certificates and keys of every kind, made by the `openssl` program. */
const SCRIPT = `set -e
self() { openssl req -x509 -key $1.key -subj /CN=$1 -days \${2:-2} -out $1.crt; }
openssl genpkey -algorithm ed25519 -out ed25519.key; self ed25519
openssl genrsa -out rsa.key 2048; self rsa
openssl rsa -in rsa.key -traditional -out pkcs1.key; cp rsa.crt pkcs1.crt
openssl ecparam -name prime256v1 -genkey -out ec.key; self ec
openssl ecparam -name secp384r1 -genkey -noout -out p384.key; self p384
openssl ecparam -name secp521r1 -genkey -noout -out p521.key; self p521
cat ec.crt ec.key > both.pem
cat rsa.crt ec.crt > behind.crt
cat ec.crt rsa.crt > chain.crt
openssl rsa -in rsa.key -aes256 -passout pass:x -out encrypted.key
openssl rsa -in rsa.key -aes256 -passout pass:x -traditional -out encrypted1.key
openssl x509 -in rsa.crt -outform der -out der.crt
openssl rsa -in rsa.key -outform der -out der.key
echo nonsense > text
(echo -----BEGIN CERTIFICATE-----; echo AAAA; echo -----END CERTIFICATE-----) > broken.crt
(echo -----BEGIN PRIVATE KEY-----; echo AAAA; echo -----END PRIVATE KEY-----) > broken.key
: > empty
head -c 1100000 /dev/zero > huge
chmod 600 *
cp ec.key open.key; chmod 644 open.key
`;

let made: Promise<string> | undefined;

async function folder(): Promise<string> {
  const dir = await Deno.makeTempDir({ prefix: "jmp-keys-" });
  const { success, stderr } = await new Deno.Command("sh", {
    args: ["-c", SCRIPT],
    cwd: dir,
    stdout: "null",
    stderr: "piped",
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return dir;
}

Deno.test.afterAll(async () => {
  if (made) await Deno.remove(await made, { recursive: true });
});

const DAY_MS = 86_400_000;

async function read(cert: string, key: string, now?: Date) {
  const dir = await (made ??= folder());
  const warnings: string[] = [];
  const log = new Log([({ message }) => void warnings.push(message.replaceAll(dir, "DIR"))]);
  try {
    const keys = await readKeyPair(`${dir}/${cert}`, `${dir}/${key}`, log, now);
    return { keys, warnings, refusal: undefined };
  } catch (error) {
    return { warnings, refusal: (error as Error).message.replaceAll(dir, "DIR") };
  }
}

/** Whether a client can connect to a server with these. */
async function serves({ cert, key }: { cert: string; key: string }): Promise<boolean> {
  const { connect, createServer } = await import("node:tls");
  const server = createServer({ cert, key }, (socket) => socket.end());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const closed = Promise.withResolvers<void>();
  const connected = await new Promise<boolean>((resolve) => {
    const client = connect({ port, host: "127.0.0.1", rejectUnauthorized: false }, () => {
      resolve(true);
      client.destroy();
    });
    client.on("error", () => resolve(false));
    client.on("close", () => closed.resolve());
  });
  await closed.promise;
  await new Promise((resolve) => server.close(resolve));
  return connected;
}

Deno.test("readKeyPair() accepts every kind of key, and its result serves TLS", async () => {
  for (const kind of ["ed25519", "rsa", "pkcs1", "ec", "p384"]) {
    const { keys, warnings, refusal } = await read(`${kind}.crt`, `${kind}.key`);
    assert.equal(refusal, undefined, kind);
    if (kind !== "ed25519") assert.deepEqual(warnings, [], kind);
    assert.ok(await serves(keys!), kind);
  }
});

Deno.test("readKeyPair() accepts certificate and key in one file, and a certificate chain", async () => {
  assert.ok(await serves((await read("both.pem", "both.pem")).keys!));
  const { keys } = await read("chain.crt", "ec.key");
  assert.equal(keys!.cert.match(/BEGIN CERTIFICATE/g)!.length, 2);
  assert.ok(await serves(keys!));
});

Deno.test("readKeyPair() refuses a key that does not belong to the certificate, and names both files", async () => {
  const { refusal } = await read("rsa.crt", "ec.key");
  assert.match(refusal!, /DIR\/ec\.key .*does not belong to the certificate in DIR\/rsa\.crt/);
  assert.match(refusal!, /CN=rsa/);
  const behind = await read("behind.crt", "ec.key");
  assert.match(behind.refusal!, /certificate first in DIR\/behind\.crt, found it at position 2/);
});

Deno.test("readKeyPair() describes the problem of an unusable file", async () => {
  const cases: [string, string, RegExp][] = [
    ["rsa.key", "rsa.crt", /--tls-cert and --tls-key are swapped: DIR\/rsa\.key holds/],
    ["rsa.crt", "encrypted.key", /without a password in DIR\/enc.*openssl pkey -in DIR\/enc/],
    ["rsa.crt", "encrypted1.key", /without a password in DIR\/encrypted1\.key/],
    ["der.crt", "rsa.key", /--tls-cert: .*DIR\/der\.crt, found DER; .*openssl x509 -inform der/],
    ["rsa.crt", "der.key", /--tls-key: .*DIR\/der\.key, found DER; .*openssl pkey -inform der/],
    ["text", "rsa.key", /--tls-cert: expected a PEM certificate in DIR\/text, found none/],
    ["rsa.crt", "empty", /--tls-key: expected a PEM private key in DIR\/empty, found none/],
    ["broken.crt", "rsa.key", /--tls-cert: cannot read certificate 1 in DIR\/broken\.crt/],
    ["rsa.crt", "broken.key", /--tls-key: cannot read the private key in DIR\/broken\.key/],
    ["none", "rsa.key", /--tls-cert: cannot read DIR\/none/],
    [".", "rsa.key", /--tls-cert: cannot read .*: it is a folder/],
    ["huge", "rsa.key", /--tls-cert: cannot read DIR\/huge: it is larger than 1048576 bytes/],
  ];
  for (const [cert, key, expected] of cases) {
    assert.match((await read(cert, key)).refusal ?? "none", expected, `${cert} ${key}`);
  }
});

Deno.test("readKeyPair() warns if the certificate is not valid now, with its dates and the host's clock", async () => {
  const expired = await read("ec.crt", "ec.key", new Date(Date.now() + 10 * DAY_MS));
  const clocks = /DIR\/ec\.crt expired at \d{4}-.*Z, and the clock of this host shows \d{4}-/;
  assert.match(expired.warnings.join(), clocks);
  const early = await read("ec.crt", "ec.key", new Date(Date.now() - DAY_MS));
  assert.match(
    early.warnings.join(),
    /is not valid before \d{4}-.*the clock of this host shows \d{4}-/,
  );
  assert.ok(early.keys && expired.keys);
});

Deno.test("readKeyPair() warns if official clients do not accept the kind of key", async () => {
  for (const [kind, name] of [["ed25519", "ed25519"], ["p521", "secp521r1"]]) {
    const { warnings } = await read(`${kind}.crt`, `${kind}.key`);
    assert.match(warnings.join(), new RegExp(`accept RSA, P-256 .* found ${name} in DIR/`));
  }
});

Deno.test("readKeyPair() warns if all users can read the key", async () => {
  const { warnings } = await read("ec.crt", "open.key");
  assert.match(
    warnings.join(),
    /all users .* can read the private key in DIR\/open\.key \(mode 0644\)/,
  );
});
