import assert from "node:assert/strict";
import { Log } from "../log/log.ts";
import { chooseAddress, type ListenOptions, type ServeAddress } from "./listen.ts";

interface Chosen {
  readonly listener: ServeAddress | undefined;
  readonly warnings: string[];
}

async function choose(options: ListenOptions): Promise<Chosen> {
  const warnings: string[] = [];
  const log = new Log([({ message }) => void warnings.push(message)]);
  return { listener: await chooseAddress(options, log), warnings };
}

const PLAIN = { tlsGrpcInsecure: true } as const;

const hostOf = (listener: ServeAddress | undefined) => {
  assert.equal(listener?.kind, "tcp");
  return listener?.kind === "tcp" ? `${listener.host} ${listener.port}` : "";
};

Deno.test("chooseAddress() opens a port without a host on loopback if there is no passphrase, and warns", async () => {
  for (const text of ["8090", ":8090"]) {
    const { listener, warnings } = await choose({ ...PLAIN, tlsGrpcListener: text });
    assert.equal(hostOf(listener), "127.0.0.1 8090");
    assert.equal(warnings.length, 1);
    assert.match(warnings[0]!, /8090 is open on 127\.0\.0\.1 only.*--passphrase-file/);
  }
});

Deno.test("chooseAddress() opens a port without a host on all addresses with a passphrase or --unsafe-no-auth", async () => {
  const asked = await choose({ ...PLAIN, tlsGrpcListener: "8090", passphrase: "secret" });
  assert.equal(hostOf(asked.listener), "0.0.0.0 8090");
  assert.equal(asked.listener?.passphrase, "secret");
  assert.match(
    asked.warnings.join("\n"),
    /send the passphrase to 0\.0\.0\.0:8090 without encryption/,
  );
  const unsafe = await choose({ ...PLAIN, tlsGrpcListener: "8090", unsafeNoAuth: true });
  assert.equal(hostOf(unsafe.listener), "0.0.0.0 8090");
  assert.equal(unsafe.listener?.passphrase, undefined);
  const both = await choose({
    ...PLAIN,
    tlsGrpcListener: "1",
    unsafeNoAuth: true,
    passphrase: "x",
  });
  assert.equal(both.listener?.passphrase, "x");
  assert.match(both.warnings.join("\n"), /--unsafe-no-auth has no effect/);
});

Deno.test("chooseAddress() refuses a host other than loopback without a passphrase", async () => {
  const beyond = ["0.0.0.0", "[::]", "192.0.2.1", "[2001:db8::1]", "[::ffff:192.0.2.1]"];
  for (const host of [...beyond, "nowhere.invalid"]) {
    await assert.rejects(
      choose({ ...PLAIN, tlsGrpcListener: `${host}:8090` }),
      /refusing to listen on .* without a passphrase: .*--passphrase-file.*--unsafe-no-auth/,
      host,
    );
  }
});

Deno.test("chooseAddress() recognizes loopback addresses and does not warn about them", async () => {
  for (const host of ["127.0.0.1", "127.1.2.3", "[::1]", "[0:0:0:0:0:0:0:1]", "localhost"]) {
    const plain = await choose({ ...PLAIN, tlsGrpcListener: `${host}:8090` });
    assert.deepEqual(plain.warnings, [], host);
    const asked = await choose({ ...PLAIN, tlsGrpcListener: `${host}:1`, passphrase: "secret" });
    assert.doesNotMatch(asked.warnings.join("\n"), /without encryption/, host);
  }
});

Deno.test("chooseAddress() refuses options that do not apply to the listener", async () => {
  const cases: [ListenOptions, RegExp][] = [
    [{ passphrase: "x" }, /--passphrase needs --tls-grpc-listener/],
    [{ passphraseFile: "x" }, /--passphrase-file needs --tls-grpc-listener/],
    [{ listen: "unix:/a", tlsCert: "x" }, /--tls-cert needs --tls-grpc-listener instead/],
    [{ listen: "unix:/a", unsafeNoAuth: true }, /--unsafe-no-auth needs/],
    [{ listen: "unix:/a", tlsGrpcListener: "1" }, /either --listen or/],
    [{ tlsGrpcListener: "1" }, /needs --tls-cert FILE and --tls-key FILE/],
    [{ tlsGrpcListener: "65536", ...PLAIN }, /expected \[HOST:\]PORT/],
    [{ tlsGrpcListener: "::1:80", ...PLAIN }, /expected \[HOST:\]PORT/],
  ];
  for (const [options, expected] of cases) await assert.rejects(choose(options), expected);
  assert.equal((await choose({ listen: "unix:/a", passphrase: "x" })).listener?.passphrase, "x");
  assert.equal((await choose({})).listener, undefined);
});
