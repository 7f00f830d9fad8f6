/**
 * An exporter without a controller: one session for the life of the process, on a
 * TCP port (direct mode) or a Unix socket (local use).
 *
 * @module
 */
import { ServerCredentials } from "@grpc/grpc-js";
import { Buffer } from "node:buffer";
import type { ExporterConfig } from "../config/schema.ts";
import type { Log } from "../system/log.ts";
import { messageOf } from "../wire/error.ts";
import { ExporterStatus } from "../wire/gen/jumpstarter/v1/common.ts";
import { LeaseSession } from "./lease_session.ts";

/** The lease name that logs and hooks see. */
export const STANDALONE_LEASE = "standalone";

/** How long a client may see AVAILABLE after it ended its session. */
const ENDED_MS = 2_000;

/** What a standalone exporter runs on. */
export interface StandaloneOptions {
  readonly config: ExporterConfig;
  readonly log: Log;
  readonly passphrase?: string;
}

/** PEM texts. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** Serves one config until it is disposed. */
export class StandaloneExporter implements AsyncDisposable {
  readonly #inner: LeaseSession;
  #ended: ReturnType<typeof setTimeout> | undefined;

  constructor({ config, log, passphrase }: StandaloneOptions) {
    this.#inner = new LeaseSession({
      config,
      log: log.child({ lease: STANDALONE_LEASE }),
      ...(passphrase !== undefined && { passphrase }),
      onEndSession: () => {
        this.#endSession();
        return { success: true, message: "Session ended" };
      },
    });
    this.#ready();
  }

  /** Resolves when every driver is open or degraded. */
  get drivers(): LeaseSession["drivers"] {
    return this.#inner.drivers;
  }

  /**
   * Serves on TCP.
   *
   * @returns the port, where 0 was asked for.
   * @throws {Error} naming the address, when it cannot be had.
   */
  async listenTcp(host: string, port: number, keys?: KeyPair): Promise<number> {
    const address = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
    return await this.#listen(address, address, keys ? tlsCredentials(keys) : PLAIN);
  }

  /**
   * Serves on a Unix socket that only this user may open.
   *
   * @throws {Error} naming the path, when it cannot be had.
   */
  async listenUnix(path: string): Promise<void> {
    await removeStale(path);
    const mask = Deno.umask(0o177);
    try {
      await this.#listen(`unix:${path}`, path, PLAIN);
    } finally {
      Deno.umask(mask);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#ended);
    await this.#inner[Symbol.asyncDispose]();
  }

  async #listen(address: string, shown: string, credentials: ServerCredentials): Promise<number> {
    try {
      return await this.#inner.session.listen(address, credentials);
    } catch (error) {
      throw new Error(`Cannot listen on ${shown}: ${messageOf(error)}`, { cause: error });
    }
  }

  #ready(): void {
    const { status } = this.#inner.session;
    status.set(ExporterStatus.EXPORTER_STATUS_LEASE_READY, "Ready for commands");
  }

  /** AVAILABLE is what a leaving client waits for; then the next one is welcome. */
  #endSession(): void {
    const { status } = this.#inner.session;
    status.set(ExporterStatus.EXPORTER_STATUS_AVAILABLE, "Available for new lease");
    clearTimeout(this.#ended);
    this.#ended = setTimeout(() => this.#ready(), ENDED_MS);
  }
}

const PLAIN = ServerCredentials.createInsecure();

/** The root certificate is there because Deno answers in the clear without one; no client shows a certificate. */
function tlsCredentials({ cert, key }: KeyPair): ServerCredentials {
  const pair = { cert_chain: Buffer.from(cert), private_key: Buffer.from(key) };
  return ServerCredentials.createSsl(Buffer.from(cert), [pair], false);
}

/** A socket that nobody serves any more is in the way; one that is served is not ours to take. */
async function removeStale(path: string): Promise<void> {
  const found = await Deno.lstat(path).catch(() => undefined);
  if (!found) return;
  if (!found.isSocket) throw new Error(`Cannot listen on ${path}: a file is in the way`);
  try {
    (await Deno.connect({ transport: "unix", path })).close();
  } catch {
    await Deno.remove(path);
    return;
  }
  throw new Error(`Cannot listen on ${path}: another process serves it`);
}
