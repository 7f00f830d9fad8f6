/** Where a standalone exporter listens, and with what protection. @module */
import { isIP } from "node:net";
import type { KeyPair } from "../wire/grpc/listener.ts";
import { CliError } from "./common.ts";

/** The options of `jmp run` that make a listener. */
export interface ListenOptions {
  /** `[HOST:]PORT` */
  readonly tlsGrpcListener?: string;
  readonly tlsGrpcInsecure?: boolean;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly passphrase?: string;
  readonly unsafeNoAuth?: boolean;
  /** `unix:/path` */
  readonly listen?: string;
}

/** A listener whose options make sense together. */
export type Listener =
  | { readonly kind: "unix"; readonly path: string }
  | {
    readonly kind: "tcp";
    readonly host: string;
    readonly port: number;
    readonly keys?: KeyPair;
  };

/**
 * The listener that the options ask for, or undefined for controller mode.
 *
 * @throws {CliError} when they contradict each other, a file cannot be read, or the
 *   hardware would be open to the network without protection.
 */
export async function chooseListener(options: ListenOptions): Promise<Listener | undefined> {
  if (options.listen !== undefined) return unixListener(options);
  if (options.tlsGrpcListener === undefined) return refuseStrayOptions(options);
  const { host, port } = parseAddress(options.tlsGrpcListener);
  const keys = await readKeys(options);
  requireProtection(options, host, keys !== undefined);
  return { kind: "tcp", host, port, ...(keys && { keys }) };
}

function unixListener({ listen, tlsGrpcListener }: ListenOptions): Listener {
  if (tlsGrpcListener !== undefined) {
    throw new CliError("use either --listen or --tls-grpc-listener");
  }
  const path = listen!.startsWith("unix:") ? listen!.slice(5).replace(/^\/\//, "") : "";
  if (!path.startsWith("/")) {
    throw new CliError(`--listen: expected unix:/absolute/path, found '${listen}'`);
  }
  return { kind: "unix", path };
}

function refuseStrayOptions(options: ListenOptions): undefined {
  const names = {
    tlsGrpcInsecure: "--tls-grpc-insecure",
    tlsCert: "--tls-cert",
    tlsKey: "--tls-key",
    passphrase: "--passphrase",
    unsafeNoAuth: "--unsafe-no-auth",
  } as const;
  for (const [key, flag] of Object.entries(names)) {
    if (options[key as keyof typeof names] !== undefined) {
      throw new CliError(`${flag} needs --tls-grpc-listener [HOST:]PORT`);
    }
  }
}

/** Without a host, every interface: what the official exporter does. */
function parseAddress(text: string): { host: string; port: number } {
  const [, bracketed, plain, port] = /^(?:(?:\[([^\]]+)\]|([^:]+)):)?(\d+)$/.exec(text) ?? [];
  const number = Number(port);
  if (port === undefined || number > 65535) {
    throw new CliError(`--tls-grpc-listener: expected [HOST:]PORT, found '${text}'`);
  }
  return { host: bracketed ?? plain ?? "0.0.0.0", port: number };
}

async function readKeys(options: ListenOptions): Promise<KeyPair | undefined> {
  const { tlsCert, tlsKey, tlsGrpcInsecure } = options;
  if (tlsGrpcInsecure) {
    if (tlsCert !== undefined || tlsKey !== undefined) {
      throw new CliError("--tls-grpc-insecure means no TLS: leave out --tls-cert and --tls-key");
    }
    return undefined;
  }
  if (tlsCert === undefined || tlsKey === undefined) {
    throw new CliError(
      "--tls-grpc-listener needs --tls-cert FILE and --tls-key FILE, or --tls-grpc-insecure",
    );
  }
  const keys = {
    cert: await readPem(tlsCert, "--tls-cert"),
    key: await readPem(tlsKey, "--tls-key"),
  };
  return keys;
}

async function readPem(path: string, flag: string): Promise<string> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    throw new CliError(`${flag}: cannot read ${path}: ${(error as Error).message}`);
  }
  const wanted = flag === "--tls-cert" ? "CERTIFICATE" : "PRIVATE KEY";
  if (!text.includes(`${wanted}-----`)) {
    throw new CliError(`${flag}: expected a PEM ${wanted.toLowerCase()} in ${path}, found none`);
  }
  return text;
}

/** Whoever reaches an open port switches the power; only this host may, unless it is said aloud. */
function requireProtection(options: ListenOptions, host: string, tls: boolean): void {
  if (tls || options.passphrase !== undefined || options.unsafeNoAuth || isLoopback(host)) return;
  throw new CliError(
    `refusing to listen on ${host} without TLS and without a passphrase: anyone who reaches the ` +
      `port could use the hardware. Give --tls-cert and --tls-key, or --passphrase, or listen on ` +
      `127.0.0.1, or say --unsafe-no-auth`,
  );
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}
