/** Which exporter a run of `j` talks to. @module */
import type { SessionAddress } from "../client/connect.ts";
import { readSmallFile } from "../files/small_file.ts";
import { headerProblem } from "../wire/passphrase.ts";
import { JError } from "./context.ts";

/** The options that choose an exporter. */
export interface AddressOptions {
  /** An exporter that runs on this host. */
  readonly exporter?: string;
  readonly force?: boolean;
  readonly tlsGrpc?: string;
  readonly tlsGrpcInsecure?: boolean;
  readonly tlsCa?: string;
  readonly passphrase?: string;
  readonly passphraseFile?: string;
}

/** An exporter, and the passphrase that it wants. */
export interface Target {
  readonly address: SessionAddress;
  readonly passphrase?: string;
}

/** Reads a variable of the environment. */
export type Environment = (name: string) => string | undefined;

/** Longest file with a passphrase or certificates, in bytes. */
const MAX_FILE = 1024 * 1024;

/**
 * The exporter that the options or the environment name; undefined if none is named.
 *
 * @throws {JError} naming the option or variable that cannot be used
 */
export async function chooseTarget(
  options: AddressOptions,
  env: Environment,
): Promise<Target | undefined> {
  const { exporter, force = false } = options;
  if (force && exporter === undefined) throw new JError("--force needs --exporter NAME");
  if (exporter !== undefined) {
    if (options.tlsGrpc !== undefined) throw new JError("use either --exporter or --tls-grpc");
    return { address: { kind: "local", exporter, force } };
  }
  const host = env("JUMPSTARTER_HOST");
  const passphrase = await passphraseOf(options, env);
  const address = options.tlsGrpc !== undefined
    ? await directAddress(options.tlsGrpc, options, env)
    : host
    ? await hostAddress(host, options, env)
    : undefined;
  return address && { address, ...(passphrase !== undefined && { passphrase }) };
}

/** As the official client reads JUMPSTARTER_HOST: `host:port`, or the path of a Unix socket. */
async function hostAddress(
  host: string,
  options: AddressOptions,
  env: Environment,
): Promise<SessionAddress> {
  const [, port] = /:(\d+)$/.exec(host) ?? [];
  const isTcp = port !== undefined && Number(port) >= 1 && Number(port) <= 65535;
  return isTcp ? await directAddress(host, options, env) : { kind: "unix", path: host };
}

async function directAddress(
  endpoint: string,
  options: AddressOptions,
  env: Environment,
): Promise<SessionAddress> {
  const insecure = options.tlsGrpcInsecure ??
    ["JMP_GRPC_INSECURE", "JUMPSTARTER_GRPC_INSECURE"].some((name) => env(name) === "1");
  if (insecure) return { kind: "tcp", endpoint };
  const { tlsCa } = options;
  const ca = tlsCa === undefined ? undefined : await readSmall(tlsCa, "--tls-ca");
  const tls = { insecure: false, setting: "the file of --tls-ca", ...(ca !== undefined && { ca }) };
  return { kind: "tls", endpoint, tls };
}

async function passphraseOf(
  options: AddressOptions,
  env: Environment,
): Promise<string | undefined> {
  const { passphrase, passphraseFile: file } = options;
  if (passphrase !== undefined) return usable(passphrase, "--passphrase");
  if (file !== undefined) {
    const option = "--passphrase-file";
    return usable((await readSmall(file, option)).trimEnd(), option);
  }
  const variable = "JMP_GRPC_PASSPHRASE";
  return usable(env(variable) ?? "", variable) || undefined;
}

function usable(passphrase: string, source: string): string {
  const problem = headerProblem(passphrase);
  if (problem !== undefined) throw new JError(`${source}: ${problem}`);
  return passphrase;
}

async function readSmall(path: string, option: string): Promise<string> {
  try {
    const { bytes } = await readSmallFile(path, MAX_FILE);
    return new TextDecoder().decode(bytes);
  } catch (error) {
    throw new JError(`${option}: cannot read ${path}: ${(error as Error).message}`);
  }
}
