/** Opens the session of the exporter that a run of `j` talks to. @module */
import { fulfilledWithin } from "../base/deadline.ts";
import { connectSession, describeAddress } from "../client/connect.ts";
import { ConnectError } from "../client/connect_error.ts";
import { type DriverClient, driverTree } from "../client/driver_client.ts";
import { LocalExporterError } from "../client/local/request.ts";
import type { SessionClient } from "../client/session_client.ts";
import { keepSecret } from "../text/secrets.ts";
import { Code, codeOf, messageOf } from "../wire/error.ts";
import type { Target } from "./address.ts";
import { JError } from "./context.ts";

/** A session, and the root of its drivers. */
export interface OpenSession {
  readonly session: SessionClient;
  readonly root: DriverClient;
}

/** Longest wait for the first answer of an exporter, as in official clients. */
const PATIENCE_MS = 20_000;

/**
 * Connects, and asks for the drivers.
 *
 * @param patienceMs how long each of these may take, in milliseconds
 * @throws {JError} with advice, and the signal's reason
 */
export async function openSession(
  target: Target,
  signal: AbortSignal,
  patienceMs = PATIENCE_MS,
): Promise<OpenSession> {
  const { address, passphrase } = target;
  if (passphrase !== undefined) keepSecret(passphrase);
  let session: SessionClient | undefined;
  try {
    const secret = passphrase === undefined ? {} : { passphrase };
    session = await connectSession(address, { signal, connectMs: patienceMs, ...secret });
    return { session, root: await driverTree(session, { signal, timeoutMs: patienceMs }) };
  } catch (error) {
    await session?.[Symbol.asyncDispose]();
    signal.throwIfAborted();
    throw new JError(explain(error, target, patienceMs));
  }
}

/** Longest delay between the error of a call and the end of its connection, in milliseconds. */
const CLOSED_MS = 100;

/** Replaces the error of a call that failed because the connection was lost; returns others. */
export async function explainLoss(error: unknown, session: SessionClient): Promise<unknown> {
  if (codeOf(error) !== Code.UNAVAILABLE) return error;
  const isLost = await fulfilledWithin(CLOSED_MS, session.closed);
  return isLost ? new JError("the connection to the exporter was lost") : error;
}

function explain(error: unknown, { address, passphrase }: Target, patienceMs: number): string {
  const said = messageOf(error);
  if (error instanceof ConnectError) return said + advice(error, address);
  if (error instanceof LocalExporterError) return said;
  const where = describeAddress(address);
  switch (codeOf(error)) {
    case Code.UNAUTHENTICATED:
      return passphrase === undefined
        ? "the exporter wants a passphrase: use --passphrase-file FILE, or set JMP_GRPC_PASSPHRASE"
        : `the exporter does not accept this passphrase (${said})`;
    case Code.DEADLINE_EXCEEDED:
      return `the exporter ${where} did not send its report within ${patienceMs / 1000} s`;
    case Code.UNIMPLEMENTED:
      return `the server ${where} is not a Jumpstarter exporter (${said})`;
    default:
      return `cannot ask the exporter ${where} for its drivers: ${said}`;
  }
}

/** Names the option that may help. */
function advice({ problem }: ConnectError, address: Target["address"]): string {
  if (problem === "no TLS") return "; use --tls-grpc-insecure if it serves without TLS";
  if (problem === "no answer" && address.kind === "tcp") {
    return "; leave out --tls-grpc-insecure if it serves TLS";
  }
  return "";
}
