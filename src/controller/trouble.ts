/** Explains, in one line, why a call to the controller or a router failed. @module */
import type { ServiceError } from "@grpc/grpc-js";
import type { ChannelOptions } from "../wire/grpc/channel_options.ts";
import type { TlsOptions } from "../wire/net/trusted_roots.ts";
import { Code, codeName } from "../wire/code.ts";
import { messageOf } from "../wire/error.ts";
import { withoutClock } from "../text/time.ts";
import { diagnose } from "./diagnose.ts";
import { INVALID_TOKEN, isTokenRefused, refusedByController } from "./token_trouble.ts";
import { NARROW_PATH } from "../wire/net/narrow_path.ts";

/** A method of a peer, for messages. */
export interface RemoteMethod {
  /** `controller` or `router`. */
  readonly peer: string;
  readonly endpoint: string;
  readonly tls: TlsOptions;
  readonly channelOptions: ChannelOptions;
  /** The call, by its published name: `Register`, `Listen`, … */
  readonly method: string;
  /** The token of the call. */
  token?(): Promise<string>;
}

/** Status codes that do not tell what is wrong with the connection. */
const CONNECTION_CODES = new Set<number>([
  Code.UNAVAILABLE,
  Code.DEADLINE_EXCEEDED,
  Code.INTERNAL,
  Code.CANCELLED,
]);

/** Whether the peer has answered with `error`, so that the connection to it works. */
export function isAnswer(error: unknown): boolean {
  const { code } = error as Partial<ServiceError>;
  return typeof code === "number" && !CONNECTION_CODES.has(code);
}

/**
 * Names the endpoint, the phase and the cause of a failed call. Unless the peer has answered, a
 * new connection is tried step by step, within 20 s or until `signal` aborts.
 */
export async function explain(
  error: unknown,
  target: RemoteMethod,
  signal: AbortSignal,
): Promise<string> {
  const { peer, endpoint, tls, channelOptions, method } = target;
  const diagnosis = isAnswer(error)
    ? undefined
    : await diagnose(endpoint, tls, { channelOptions, signal });
  if (diagnosis) {
    return `${peer} ${endpoint}: ${method} failed at ${diagnosis.phase}: ${diagnosis.cause}`;
  }
  return `${peer} ${endpoint}: ${method} failed: ${await answer(error, target)}`;
}

/** The answer of the peer, with advice. */
async function answer(error: unknown, target: RemoteMethod): Promise<string> {
  const { code, details } = error as Partial<ServiceError>;
  if (typeof code !== "number") return messageOf(error);
  if (code === Code.DEADLINE_EXCEEDED) return NO_ANSWER;
  const text = `${codeName(code)}: ${details || "no details"}`;
  const advice = await adviceFor(code, details ?? "", target);
  return advice ? `${text}; ${advice}` : text;
}

async function adviceFor(code: Code, details: string, target: RemoteMethod) {
  if (!isTokenRefused(code, details)) return ADVICE[code];
  const token = await target.token?.().catch(() => undefined);
  return token === undefined
    ? INVALID_TOKEN
    : refusedByController({ token, details, now: Date.now() });
}

/** grpc-js counts the milliseconds of its own steps here. */
const NO_ANSWER = "DEADLINE_EXCEEDED: a new connection works, but the call got no answer: either " +
  `the server is overloaded, or ${NARROW_PATH}`;

const ADVICE: Partial<Record<Code, string>> = {
  [Code.PERMISSION_DENIED]:
    "the token does not belong to this exporter: check metadata.namespace, metadata.name and token",
  [Code.UNIMPLEMENTED]: "something else than a Jumpstarter controller answers there",
};

/** Passes a line once, and again only when it changes or a minute has passed. */
export class RepeatGuard {
  #line = "";
  #saidAt = 0;

  /** Whether `line` should be logged now. */
  isNews(line: string, now: number = Date.now()): boolean {
    const same = withoutClock(line) === withoutClock(this.#line);
    if (same && now - this.#saidAt < 60_000) return false;
    this.#line = line;
    this.#saidAt = now;
    return true;
  }

  /** Forgets the last line, so that the next one is news. */
  reset(): void {
    this.#line = "";
  }
}
