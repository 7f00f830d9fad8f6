import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer as createTcpServer, type Server } from "node:net";
import { createServer, type TlsOptions as ServerOptions } from "node:tls";
import { certificates, type KeyPair } from "../../../tests/controller/tls.ts";
import type { TlsOptions } from "../net/trusted_roots.ts";
import { TlsFailed, type TlsProblem } from "./failure.ts";
import { secure } from "./handshake.ts";

const { caPem, ...pairs } = await certificates();
const TRUSTED: TlsOptions = { insecure: false, ca: caPem };

async function listening(server: Server) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: () => new Promise<void>((done) => server.close(() => done())),
  };
}

function serve({ certPem: cert, keyPem: key }: KeyPair, options: ServerOptions = {}) {
  const server = createServer({ cert, key, ALPNProtocols: ["h2"], ...options }, (socket) => {
    socket.on("error", () => {});
  });
  return listening(server);
}

async function failure(
  port: number,
  problem: TlsProblem,
  message: RegExp,
  tls: TlsOptions = TRUSTED,
): Promise<void> {
  const error = await secure({ host: "localhost", port, tls }, { ms: 5_000 }).then(
    () => assert.fail("it connected"),
    (error: unknown) => error,
  );
  assert.ok(error instanceof TlsFailed, String(error));
  assert.match(error.message, message);
  assert.equal(error.problem, problem);
}

/** A certificate that is not accepted: the reason, and the remedy. */
const REFUSED: readonly (readonly [Exclude<keyof typeof pairs, "server">, TlsProblem, RegExp])[] = [
  [
    "future",
    "time",
    /^its certificate is not valid yet: it is valid from 2099-01-01T00:00:00Z, and the clock of this host says 20\S+Z; set the clock/,
  ],
  [
    "expired",
    "time",
    /^its certificate has expired: it was valid until 20\S+Z, and the clock of this host says 20\S+Z; renew/,
  ],
  [
    "wrongName",
    "name",
    /^its certificate is for another name: it is for elsewhere\.invalid, and not for localhost; correct the endpoint,/,
  ],
  [
    "otherCa",
    "untrusted",
    /^its certificate is not signed by tls\.ca \(CN=other-ca is issued by CN=test other\); let tls\.ca contain/,
  ],
  [
    "selfSigned",
    "untrusted",
    /^its certificate is not signed by tls\.ca \(CN=self is self-signed\); if this is the right server, let tls\.ca contain/,
  ],
];

for (const [pair, problem, message] of REFUSED) {
  Deno.test(`secure() judges a certificate: ${pair}`, async () => {
    await using server = await serve(pairs[pair]);
    await failure(server.port, problem, message);
  });
}

Deno.test("secure() names what sets the authorities, and the name that grpcOptions set", async () => {
  await using server = await serve(pairs.otherCa);
  const setting = "the file of --tls-ca";
  await failure(server.port, "untrusted", /not signed by the file of --tls-ca \(/, {
    ...TRUSTED,
    setting,
  });
  await failure(server.port, "untrusted", /not signed by the system's certificates .*let tls\.ca/, {
    insecure: false,
  });
  await using good = await serve(pairs.server);
  await failure(good.port, "name", /it is for localhost, 127\.0\.0\.1, and not for a\.test; /, {
    ...TRUSTED,
    serverName: "a.test",
  });
});

Deno.test("secure() connects where all is well, and to any certificate if that is allowed", async () => {
  await using server = await serve(pairs.server);
  (await secure({ host: "localhost", port: server.port, tls: TRUSTED }, {})).destroy();
  for (const pair of ["future", "expired", "wrongName", "otherCa", "selfSigned"] as const) {
    await using bad = await serve(pairs[pair]);
    (await secure({ host: "localhost", port: bad.port, tls: { insecure: true } }, {})).destroy();
  }
});

Deno.test("secure() tells servers without HTTP/2 from those without TLS", async () => {
  for (const ALPNProtocols of [undefined, ["http/1.1"]]) {
    const options = ALPNProtocols ? { ALPNProtocols } : {};
    const { certPem: cert, keyPem: key } = pairs.server;
    await using server = await listening(createServer({ cert, key, ...options }, (socket) => {
      socket.on("error", () => {});
    }));
    await failure(server.port, "http2", /does not offer HTTP\/2, so it is no gRPC server .*ALPN/);
  }
  await using plain = await listening(createTcpServer((socket) => {
    socket.on("error", () => {}).resume().end("HTTP/1.1 400 Bad Request\r\n\r\n");
  }));
  await failure(plain.port, "plain", /^it does not speak TLS; check the port/);
  await using closing = await listening(createTcpServer((socket) => {
    socket.on("error", () => {}).destroy();
  }));
  await failure(closing.port, "other", /^it closes the connection during the TLS handshake; check/);
});

Deno.test("secure() passes on why a port cannot be reached", async () => {
  const server = await listening(createTcpServer());
  await server[Symbol.asyncDispose]();
  await assert.rejects(
    secure({ host: "127.0.0.1", port: server.port, tls: TRUSTED }, {}),
    { code: "ECONNREFUSED" },
  );
});

Deno.test("secure() says that a server speaks only old versions of TLS", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/c`, pairs.server.certPem);
  await Deno.writeTextFile(`${folder}/k`, pairs.server.keyPem);
  const free = await listening(createTcpServer());
  await free[Symbol.asyncDispose]();
  const child = new Deno.Command("openssl", {
    args: [
      ...["s_server", "-accept", String(free.port), "-key", "k", "-cert", "c"],
      ...["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"],
    ],
    cwd: folder,
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = child.stdout.getReader();
  let said = "";
  while (!said.includes("ACCEPT")) {
    const { value, done } = await reader.read();
    assert.equal(done, false, said);
    said += new TextDecoder().decode(value);
  }
  await failure(free.port, "other", /^it speaks only old versions of TLS, and 1\.2 or 1\.3/);
  child.kill();
  while (!(await reader.read()).done) { /* To its end. */ }
  await child.stdin.abort();
  await child.status;
  await Deno.remove(folder, { recursive: true });
});
