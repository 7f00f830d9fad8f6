/** TLS handshakes as a client that speaks HTTP/2. @module */
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect, type ConnectionOptions, type TLSSocket } from "node:tls";
import { withDeadline } from "../../base/deadline.ts";
import { NARROW_PATH } from "../net/narrow_path.ts";
import { type TlsOptions, trustedRoots } from "../net/trusted_roots.ts";
import { type PresentedCertificate, presentedChain } from "./certificate.ts";
import { isAboutCertificate, NO_HTTP2, TlsFailed, tlsFailure } from "./failure.ts";

/** A server, and a way to it. */
export interface TlsPeer {
  readonly host: string;
  readonly port: number;
  readonly tls: TlsOptions;
  /** The protocols to offer. @default only HTTP/2 */
  readonly alpn?: readonly string[];
  /** Opens a connection that carries TLS, and gives it away. @default connects to host and port */
  readonly open?: (() => Promise<Socket>) | undefined;
}

/** When to give up. */
export interface HandshakeOptions {
  /** Longest handshake in milliseconds. */
  readonly ms?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Longest second handshake, which reads the certificate that was not accepted, in milliseconds. */
const LOOK_MS = 3_000;

/**
 * Connects with TLS and negotiates HTTP/2. Nothing else is offered: a server that prefers HTTP/1.1
 * would choose that.
 *
 * @throws {TlsFailed} with the reason and the remedy; the error of a connection that cannot be
 *   opened, and the signal's reason
 */
export async function secure(peer: TlsPeer, options: HandshakeOptions): Promise<TLSSocket> {
  const carrier = await peer.open?.();
  const settings = connectionOptions(peer);
  try {
    return await negotiate(
      carrier ? { socket: carrier, ...settings } : { port: peer.port, ...settings },
      options,
    );
  } catch (error) {
    carrier?.destroy();
    options.signal?.throwIfAborted();
    if (error instanceof TlsFailed || isUnreachable(error)) throw error;
    throw await explainTls(error, peer, options.signal);
  }
}

async function negotiate(settings: ConnectionOptions, options: HandshakeOptions) {
  const socket = connect(settings);
  socket.setNoDelay(true);
  try {
    await settled(socket, options);
    if (socket.alpnProtocol !== "h2") throw new TlsFailed("http2", NO_HTTP2);
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** Whether the connection below TLS could not be opened. */
function isUnreachable(error: unknown): boolean {
  return ["connect", "getaddrinfo"].includes((error as { syscall?: string }).syscall ?? "");
}

/** The reason of a handshake with `peer` that failed; never rejects, nor takes longer than 3 s. */
export async function explainTls(
  error: unknown,
  peer: TlsPeer,
  signal?: AbortSignal,
): Promise<TlsFailed> {
  const { host, tls } = peer;
  const chain = isAboutCertificate(error) ? await look(peer, signal) : [];
  return tlsFailure({ error, name: tls.serverName ?? host, tls, chain, now: Date.now() });
}

/** The certificates that the peer presents, read on a connection that carries nothing else. */
async function look(peer: TlsPeer, signal?: AbortSignal): Promise<PresentedCertificate[]> {
  const { host, port, open } = peer;
  const carrier = open ? await open().catch(() => undefined) : connectTcp({ host, port });
  if (!carrier) return [];
  const settings = { ...connectionOptions(peer), rejectUnauthorized: false };
  const socket = connect({ socket: carrier, ...settings });
  try {
    await settled(socket, { ms: LOOK_MS, signal });
    return presentedChain(socket);
  } catch {
    return [];
  } finally {
    socket.destroy();
    carrier.destroy();
  }
}

function connectionOptions({ host, tls, alpn = ["h2"] }: TlsPeer): ConnectionOptions {
  const roots = tls.insecure ? undefined : trustedRoots(tls);
  const name = tls.serverName ?? host;
  return {
    host,
    ALPNProtocols: [...alpn],
    rejectUnauthorized: !tls.insecure,
    ...(roots && { ca: roots }),
    // TLS forbids IP literals as server names; the addresses in the certificate are checked instead.
    ...(!isIP(name) && { servername: name }),
  };
}

function settled(socket: TLSSocket, { ms, signal }: HandshakeOptions): Promise<void> {
  const done = new Promise<void>((resolve, reject) => {
    socket.once("secureConnect", resolve);
    // Stays, as a socket may report a second error.
    socket.on("error", reject);
    socket.once("close", () => reject(new Error("the peer closed the connection")));
  });
  const late = () =>
    new TlsFailed(
      "other",
      `the TLS handshake failed (no answer within ${ms! / 1000} s; possibly ${NARROW_PATH})`,
    );
  return withDeadline(done, { ms, signal, late });
}
