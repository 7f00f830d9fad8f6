/** Connects to an exporter that runs on this host, by its name. @module */
import { basename, dirname, resolve } from "node:path";
import { oneOf } from "../../text/enumerate.ts";
import { Code } from "../../wire/error.ts";
import { ConnLink, type Link } from "../../wire/net/link.ts";
import { ask, LocalExporterError, notPermitted } from "./request.ts";
import { type LocalSocket, type LocalSocketOptions, localSockets } from "./sockets.ts";

/** How to use an exporter of this host. */
export interface LocalDialOptions extends LocalSocketOptions {
  /** Whether to interfere with the lease of a client, who is told. @default false */
  readonly force?: boolean;
  /** Gives up. */
  readonly signal: AbortSignal;
}

/**
 * Connects to the session of a running exporter.
 *
 * @param exporter its `NAME` or `NAMESPACE/NAME`, the path of its config, or that of its socket;
 *   paths contain a slash and begin with `/` or `.`, or they end with `.yaml`, `.yml` or `.sock`.
 * @throws {LocalExporterError} NOT_FOUND if it does not run, INVALID_ARGUMENT if several are meant,
 *   PERMISSION_DENIED if this user may not use it, and with the exporter's own words and code.
 * @throws the signal's reason
 */
export async function dialLocalExporter(
  exporter: string,
  { force = false, signal, ...options }: LocalDialOptions,
): Promise<Link> {
  const path = isPath(exporter) && exporter.endsWith(".sock")
    ? resolve(exporter)
    : await find(exporter, signal, options);
  const { conn, rest } = await ask(path, { do: "session", force }, { signal });
  return new ConnLink(conn, { heard: rest });
}

function isPath(text: string): boolean {
  return /^[./]/.test(text) || /\.(ya?ml|sock)$/.test(text);
}

/** Finds the socket of an exporter. */
async function find(
  exporter: string,
  signal: AbortSignal,
  options: LocalSocketOptions,
): Promise<string> {
  const sockets = await localSockets(options);
  const named = sockets.filter(({ namespace, name }) => {
    return [name, `${namespace}/${name}`].includes(exporter);
  });
  // Only the exporters themselves know the paths of their configs.
  const candidates = await running(named.length === 0 ? sockets : named, signal);
  const meant = isPath(exporter)
    ? await ofConfig(candidates, exporter)
    : named.length === 0
    ? ofAlias(candidates, exporter)
    : candidates;
  if (meant.length === 1) return meant[0]!.path;
  if (meant.length > 1) throw ambiguous(exporter, meant);
  const hidden = candidates.find(({ file }) => file === undefined);
  if (hidden && isPath(exporter)) throw await notPermitted(hidden.path);
  throw notRunning(exporter, named, await running(sockets, signal));
}

/** An exporter that runs; without its config's path if this user may not ask it. */
interface Running extends LocalSocket {
  readonly file?: string;
}

/** Longest wait for the identity of an exporter, in milliseconds: its process may be stopped. */
const IDENTIFY_MS = 2_000;

/** Selects the sockets on which a process listens. */
async function running(sockets: readonly LocalSocket[], signal: AbortSignal): Promise<Running[]> {
  const found = await Promise.all(sockets.map(async (socket): Promise<Running[]> => {
    try {
      const bounds = { signal, ms: IDENTIFY_MS };
      const { conn, identity } = await ask(socket.path, { do: "identify" }, bounds);
      conn.close();
      return [{ ...socket, ...identity }];
    } catch (error) {
      signal.throwIfAborted();
      const isThere = error instanceof LocalExporterError && error.code !== Code.NOT_FOUND;
      return isThere ? [socket] : [];
    }
  }));
  return found.flat();
}

async function ofConfig(candidates: readonly Running[], path: string): Promise<Running[]> {
  const plain = resolve(path);
  const real = await Deno.realPath(plain).catch(() => plain);
  return candidates.filter(({ file }) => file === plain || file === real);
}

/**
 * An exporter by the name of its config file, as `jmp run --exporter` takes it. The folders of
 * systemd's units have that name, too, where this user may not ask.
 */
function ofAlias(candidates: readonly Running[], alias: string): Running[] {
  return candidates.filter(({ file, path }) => {
    const name = file === undefined ? basename(dirname(path)) : basename(file);
    return name.replace(/\.ya?ml$/, "") === alias;
  });
}

function ambiguous(exporter: string, meant: readonly Running[]): LocalExporterError {
  const full = meant.map(({ namespace, name }) => `${namespace}/${name}`);
  const isClear = new Set(full).size === full.length;
  const choices = oneOf(isClear ? full : meant.map(({ path }) => path));
  return new LocalExporterError(
    Code.INVALID_ARGUMENT,
    `several exporters of this host are named '${exporter}': choose ${choices}`,
  );
}

function notRunning(
  exporter: string,
  stale: readonly LocalSocket[],
  others: readonly Running[],
): LocalExporterError {
  const left = stale.length > 0 ? ": its process has ended, and left its socket" : "";
  const names = others.map(({ namespace, name }) => `${namespace}/${name}`);
  const present = names.length > 0 ? `; running: ${names.join(", ")}` : "; no exporter runs here";
  return new LocalExporterError(
    Code.NOT_FOUND,
    `the exporter '${exporter}' does not run on this host${left}${present}`,
  );
}
