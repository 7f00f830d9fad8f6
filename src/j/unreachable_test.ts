/** What `j` says of exporters that it cannot reach: one line, exit code 1, and in time. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { createServer as createHttp2Server } from "node:http2";
import type { AddressInfo, Server } from "node:net";
import { certificates } from "../../tests/controller/tls.ts";
import { testFolder } from "../files/testing.ts";
import { openSession } from "./session.ts";
import { runAlone, serve } from "./testing.ts";

const MOCK = "jumpstarter_driver_power.driver.MockPower";
const TREE = { power: { type: MOCK } };

/** Runs `j … power on`, and expects one line that `message` matches. */
async function refused(
  message: RegExp,
  options: readonly string[],
  env?: Readonly<Record<string, string>>,
): Promise<void> {
  const { code, out, err } = await runAlone([...options, "power", "on"], env ? { env } : {});
  assert.deepEqual({ code, out }, { code: 1, out: "" });
  assert.match(err, message);
  assert.match(err, /^Error: [^\n]*\n$/, "one line");
}

Deno.test("j says what stands where JUMPSTARTER_HOST names a socket", async () => {
  await using folder = await testFolder();
  const dir = folder.path;
  const stale = `${dir}/stale`;
  const listener = Deno.listen({ transport: "unix", path: `${dir}/listening` });
  await Deno.rename(`${dir}/listening`, stale);
  listener.close();
  const file = `${dir}/file`;
  await Deno.writeTextFile(file, "");
  const long = `/tmp/${"x".repeat(200)}`;
  for (
    const [host, message] of [
      [dir, /: it is a folder, not a socket$/m],
      [file, /: it is not a socket$/m],
      ["/dev/null", /: it is not a socket$/m],
      [stale, /\/stale: no exporter serves this socket any more$/m],
      [`${dir}/none`, /\/none: there is no such socket$/m],
      [long, /: the path of a socket has at most 107 bytes, this one has 205$/m],
      ["a\x1b[31mb", /a\\x1b\[31mb: there is no such socket$/m],
    ] as const
  ) await refused(message, [], { JUMPSTARTER_HOST: host });
});

Deno.test("j says why nobody answers at an endpoint", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const at = (endpoint: string) => ["--tls-grpc", endpoint, "--tls-grpc-insecure"];
  await refused(/ at 127\.0\.0\.1:\d+: nobody listens there$/m, at(`127.0.0.1:${port}`));
  await refused(/ at host\.invalid:1: the name cannot be resolved$/m, at("host.invalid:1"));
  await refused(/'127\.0\.0\.1:0': the port must be 1 to 65535, found 0/, at("127.0.0.1:0"));
  await refused(/'http:\/\/x': it has a scheme; write host:port$/m, at("http://x"));
});

Deno.test("j says which option fits the exporter's TLS", async () => {
  const { caPem, server, expired, wrongName, otherCa } = await certificates();
  const keys = ({ certPem, keyPem }: typeof server) => ({ cert: certPem, key: keyPem });
  await using served = await serve(TREE);
  const endpoint = await served.listenTcp(keys(server));
  const ca = await Deno.makeTempFile();
  await Deno.writeTextFile(ca, caPem);
  const trusting = (at: string) => ["--tls-grpc", at, "--tls-ca", ca];
  assert.equal((await runAlone([...trusting(endpoint), "power", "on"])).code, 0);
  await refused(
    /: its certificate is not signed by the system's certificates \(CN=server is issued by CN=test ca\); let the file of --tls-ca contain the certificate of that authority/,
    ["--tls-grpc", endpoint],
  );
  await refused(
    /: it closed the connection; leave out --tls-grpc-insecure if it serves TLS$/m,
    ["--tls-grpc", endpoint, "--tls-grpc-insecure"],
  );
  await refused(
    /: its certificate has expired: it was valid until .*Z, and the clock .*Z; renew/,
    trusting(await served.listenTcp(keys(expired))),
  );
  await refused(
    /: its certificate is for another name: it is for elsewhere\.invalid, and not for 127\.0\.0\.1; correct the address/,
    trusting(await served.listenTcp(keys(wrongName))),
  );
  await refused(
    /: its certificate is not signed by the file of --tls-ca \(CN=other-ca is issued by CN=test other\)/,
    trusting(await served.listenTcp(keys(otherCa))),
  );
  await refused(
    /: it does not speak TLS; use --tls-grpc-insecure if it serves without TLS$/m,
    trusting(await served.listenTcp()),
  );
  await refused(/^Error: --tls-ca: cannot read \/dev\/zero: it is a device$/m, [
    ...["--tls-grpc", endpoint, "--tls-ca", "/dev/zero"],
  ]);
  await Deno.remove(ca);
});

Deno.test("j tells a missing passphrase from a wrong one", async () => {
  await using served = await serve(TREE, { passphrase: "open sesame" });
  const endpoint = await served.listenTcp();
  const at = ["--tls-grpc", endpoint, "--tls-grpc-insecure"];
  await refused(/^Error: the exporter wants a passphrase: use --passphrase-file FILE, or set/, at);
  await refused(
    /^Error: the exporter does not accept this passphrase \(invalid or missing passphrase\)$/m,
    [...at, "--passphrase", "open says me"],
  );
  const { code } = await runAlone([...at, "power", "on"], {
    env: { JMP_GRPC_PASSPHRASE: "open sesame" },
  });
  assert.equal(code, 0);
  for (const unusable of ["open sesame\n", "open\nsesame", " open sesame", "öffne dich"]) {
    const { code, err } = await runAlone([...at, "power", "on"], {
      env: { JMP_GRPC_PASSPHRASE: unusable },
    });
    assert.equal(code, 1);
    assert.match(err, /^Error: JMP_GRPC_PASSPHRASE: expected [^\n]*\n$/);
    assert.doesNotMatch(err, /sesame|dich/);
  }
  await refused(/^Error: --passphrase-file: cannot read \/nope: /, [
    ...[...at, "--passphrase-file", "/nope"],
  ]);
});

Deno.test("j recognizes servers that are no exporters", async () => {
  const at = (port: number) => ["--tls-grpc", `127.0.0.1:${port}`, "--tls-grpc-insecure"];
  const hello = () => new Response("hello");
  await using web = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, hello);
  await refused(/: expected a gRPC response, found content type text\/plain/, at(web.addr.port));
  await using old = await listening(createServer((_, response) => response.end("hello")));
  await refused(/: it does not speak gRPC \(FRAME_SIZE_ERROR/, at(old.port));
});

async function listening(server: Server) {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

Deno.test("j gives up exporters that say nothing, and names the time", async () => {
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = silent.addr;
  await assert.rejects(open(port), { message: / at 127\.0\.0\.1:\d+: no answer within 0\.2 s/ });
  await using stuck = await listening(createHttp2Server(() => {}));
  const message = /^the exporter at 127\.0\.0\.1:\d+ did not send its report within 0\.2 s$/;
  await assert.rejects(open(stuck.port), { message });
});

async function open(port: number): Promise<unknown> {
  const address = { kind: "tcp", endpoint: `127.0.0.1:${port}` } as const;
  return await openSession({ address }, new AbortController().signal, 200);
}
