/** Web servers for tests. @module */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { withEnvironment } from "../../../tests/environment.ts";

/** Answers a request. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A server on this host; `https` if it has a certificate. */
export interface Site extends AsyncDisposable {
  /** Without a slash at its end. */
  readonly url: string;
  readonly requests: IncomingMessage[];
}

/** A key and the certificate for it, as PEM. */
export interface KeyPair {
  readonly key: string;
  readonly cert: string;
}

/** Serves on a free port of 127.0.0.1; a secure site is called `localhost`. */
export async function serve(answer: Answer, pair?: KeyPair): Promise<Site> {
  const requests: IncomingMessage[] = [];
  const listener: Answer = (request, response) => {
    requests.push(request);
    answer(request, response);
  };
  const server = pair ? createSecureServer(pair, listener) : createServer(listener);
  return await listening(server, requests, pair ? "https://localhost" : "http://127.0.0.1");
}

/** A proxy that leads the tunnels that it allows to 127.0.0.1; it records the requests for them, too. */
export async function serveProxy(
  answer: Answer,
  allows: (authority: string) => boolean = () => true,
): Promise<Site> {
  const requests: IncomingMessage[] = [];
  const tunnels = new Set<Duplex>();
  const server = createServer((request, response) => {
    requests.push(request);
    answer(request, response);
  });
  server.on("connect", (request: IncomingMessage, client: Duplex) => {
    requests.push(request);
    if (!allows(request.url!)) return void client.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    const target = connect(Number(request.url!.split(":").at(-1)), "127.0.0.1", () => {
      client.write("HTTP/1.1 200 OK\r\n\r\n");
      client.pipe(target).pipe(client);
    });
    for (const side of [client, target]) {
      tunnels.add(side);
      side.on("error", () => {});
    }
  });
  const site = await listening(server, requests, "http://127.0.0.1");
  return {
    ...site,
    async [Symbol.asyncDispose]() {
      for (const side of tunnels) side.destroy();
      await site[Symbol.asyncDispose]();
    },
  };
}

async function listening(server: Server, requests: IncomingMessage[], base: string): Promise<Site> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return {
    url: `${base}:${port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Makes a self-signed certificate for `localhost` and `relay.invalid` with the `openssl` program. */
export async function selfSigned(): Promise<KeyPair> {
  const { success, stdout, stderr } = await new Deno.Command("openssl", {
    args: "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout - -out - -days 2"
      .split(" ").concat(
        "-subj",
        "/CN=localhost",
        "-addext",
        "subjectAltName=DNS:localhost,DNS:relay.invalid",
      ),
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  const [key, cert] = new TextDecoder().decode(stdout).match(/-----BEGIN[^]+?-----END.*-----\n/g)!;
  return { key: key!, cert: cert! };
}

const PROXY_VARIABLES = ["http_proxy", "https_proxy", "all_proxy", "no_proxy"]
  .flatMap((name) => [name, name.toUpperCase()]);

/** Sets the variables of proxies for the time of a test. */
export function proxies(values: Record<string, string>): Disposable {
  const none = Object.fromEntries(PROXY_VARIABLES.map((name) => [name, undefined]));
  return withEnvironment({ ...none, ...values });
}
