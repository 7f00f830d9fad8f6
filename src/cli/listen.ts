/** Chooses where a standalone exporter listens, with which TLS keys and passphrase. @module */
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import type { Log } from "../log/log.ts";
import type { KeyPair } from "../wire/listen/listen.ts";
import { CliError } from "./common.ts";
import { environment } from "./environment.ts";
import { readKeyPair } from "./key_pair.ts";
import { type PassphraseOptions, readPassphrase } from "./passphrase.ts";

/** The options of `jmp run` that configure where to listen. */
export interface ListenOptions extends PassphraseOptions {
  /** `[HOST:]PORT` */
  readonly tlsGrpcListener?: string;
  readonly tlsGrpcInsecure?: boolean;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly unsafeNoAuth?: boolean;
  /** `unix:/path` */
  readonly listen?: string;
}

/** Where to listen, from options that do not contradict each other. */
export type ServeAddress =
  & (
    | { readonly kind: "unix"; readonly path: string }
    | {
      readonly kind: "tcp";
      readonly host: string;
      readonly port: number;
      readonly keys?: KeyPair;
    }
  )
  & {
    /** Every client must send it. */
    readonly passphrase?: string;
  };

/** The hosts for a port without one: all addresses, as the official exporter does, or loopback. */
const EVERYWHERE = "0.0.0.0";
const LOOPBACK = "127.0.0.1";

/**
 * Returns the address that the options name, or undefined for controller mode.
 *
 * @throws {CliError} if options contradict each other, a file cannot be used, or the
 *   hardware would be open to the network without a passphrase.
 */
export async function chooseAddress(
  options: ListenOptions,
  log: Log,
): Promise<ServeAddress | undefined> {
  const { tlsGrpcListener, listen } = options;
  if (listen === undefined && tlsGrpcListener === undefined) {
    return refuseStray(options, Object.values(FLAGS), "--tls-grpc-listener [HOST:]PORT");
  }
  const given = await readPassphrase(options, environment(), log);
  const passphrase = given === undefined ? {} : { passphrase: given };
  if (listen !== undefined) return { ...unixAddress(options, listen), ...passphrase };
  const address = await tcpAddress(options, given !== undefined, log);
  return { ...address, ...passphrase };
}

async function tcpAddress(
  options: ListenOptions,
  guarded: boolean,
  log: Log,
): Promise<ServeAddress> {
  const { tlsGrpcListener, unsafeNoAuth = false } = options;
  const { host: named, port } = parseAddress(tlsGrpcListener!);
  const keys = await readKeys(options, log);
  const open = guarded || unsafeNoAuth;
  const host = named ?? (open ? EVERYWHERE : LOOPBACK);
  const local = await isLoopback(host);
  if (!local && !open) throw unprotected(host);
  if (named === undefined && !open) log.warning(onlyLocal(port));
  if (guarded && unsafeNoAuth) log.warning(NO_EFFECT);
  if (guarded && !local && !keys) log.warning(readable(`${host}:${port}`));
  return { kind: "tcp", host, port, ...(keys && { keys }) };
}

const NO_EFFECT =
  "--unsafe-no-auth has no effect: a passphrase is given, and every client must send it";

function onlyLocal(port: number): string {
  return `Without a passphrase, port ${port} is open on ${LOOPBACK} only. To accept clients from ` +
    "other hosts, give --passphrase-file FILE (or JMP_PASSPHRASE), or --unsafe-no-auth, which " +
    "accepts every client";
}

function readable(address: string): string {
  return `Clients send the passphrase to ${address} without encryption, so others on the network ` +
    "can read it; give --tls-cert and --tls-key, or listen on 127.0.0.1 behind an encrypted tunnel";
}

const FLAGS = {
  tlsGrpcInsecure: "--tls-grpc-insecure",
  tlsCert: "--tls-cert",
  tlsKey: "--tls-key",
  unsafeNoAuth: "--unsafe-no-auth",
  passphrase: "--passphrase",
  passphraseFile: "--passphrase-file",
} as const;

/** The options that do not apply to a local socket. */
const TCP_FLAGS = ["--tls-grpc-insecure", "--tls-cert", "--tls-key", "--unsafe-no-auth"];

function refuseStray(options: ListenOptions, flags: readonly string[], needed: string): undefined {
  for (const [key, flag] of Object.entries(FLAGS)) {
    if (options[key as keyof typeof FLAGS] !== undefined && flags.includes(flag)) {
      throw new CliError(`${flag} needs ${needed}`);
    }
  }
}

function unixAddress(options: ListenOptions, listen: string): ServeAddress {
  if (options.tlsGrpcListener !== undefined) {
    throw new CliError("use either --listen or --tls-grpc-listener");
  }
  refuseStray(options, TCP_FLAGS, "--tls-grpc-listener instead of --listen");
  const path = listen.startsWith("unix:") ? listen.slice(5).replace(/^\/\//, "") : "";
  if (!path.startsWith("/")) {
    throw new CliError(`--listen: expected unix:/absolute/path, found '${listen}'`);
  }
  return { kind: "unix", path };
}

/** Parses `[HOST:]PORT`; `8090` and `:8090` have no host. */
function parseAddress(text: string): { host: string | undefined; port: number } {
  const [, bracketed, plain, port] = /^(?:(?:\[([^\]]+)\]|([^:]*)):)?(\d+)$/.exec(text) ?? [];
  const number = Number(port);
  if (port === undefined || number > 65535) {
    throw new CliError(`--tls-grpc-listener: expected [HOST:]PORT, found '${text}'`);
  }
  return { host: bracketed ?? (plain?.trim() || undefined), port: number };
}

/** Parses the value of `--port`. @throws {CliError} if it is not a port. */
export function portNumber(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (port <= 65535) return port;
  throw new CliError(`--port: expected a number from 0 to 65535, found '${text}'`);
}

async function readKeys(options: ListenOptions, log: Log): Promise<KeyPair | undefined> {
  const { tlsCert, tlsKey, tlsGrpcInsecure } = options;
  if (tlsGrpcInsecure) {
    if (tlsCert !== undefined || tlsKey !== undefined) {
      throw new CliError("--tls-grpc-insecure disables TLS: leave out --tls-cert and --tls-key");
    }
    return undefined;
  }
  if (tlsCert === undefined || tlsKey === undefined) {
    throw new CliError(
      "--tls-grpc-listener needs --tls-cert FILE and --tls-key FILE, or --tls-grpc-insecure",
    );
  }
  return await readKeyPair(tlsCert, tlsKey, log);
}

/** TLS does not replace a passphrase: the certificate authenticates the server, not its clients. */
function unprotected(host: string): CliError {
  return new CliError(
    `refusing to listen on ${host} without a passphrase: anyone who can reach the port could use ` +
      "the hardware, with TLS as well. Give --passphrase-file FILE (or JMP_PASSPHRASE), listen on " +
      "127.0.0.1, or give --unsafe-no-auth",
  );
}

/** Whether `host`, or every address that it resolves to, is a loopback address. */
async function isLoopback(host: string): Promise<boolean> {
  if (isIP(host)) return isLoopbackAddress(host);
  const found = await lookup(host, { all: true }).catch(() => []);
  return found.length > 0 && found.every(({ address }) => isLoopbackAddress(address));
}

function isLoopbackAddress(address: string): boolean {
  if (isIP(address) === 4) return address.startsWith("127.");
  const [plain] = address.split("%");
  return URL.canParse(`http://[${plain}]`) && new URL(`http://[${plain}]`).hostname === "[::1]";
}
