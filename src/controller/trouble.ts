/** One clear line for whatever goes wrong between us and the controller or a router. @module */
import type { ServiceError } from "@grpc/grpc-js";
import type { TlsOptions } from "../wire/net/trusted_roots.ts";
import { Code, codeName } from "../wire/code.ts";
import { messageOf } from "../wire/error.ts";
import { diagnose } from "./diagnose.ts";

/** What was being done, and with whom. */
export interface Attempt {
  /** `controller` or `router`. */
  readonly peer: string;
  readonly endpoint: string;
  readonly tls: TlsOptions;
  /** The call, by its published name: `Register`, `Listen`, … */
  readonly method: string;
}

/** Codes with which gRPC hides what is wrong with the connection. */
const CONNECTION_CODES = new Set<number>([
  Code.UNAVAILABLE,
  Code.DEADLINE_EXCEEDED,
  Code.INTERNAL,
  Code.CANCELLED,
]);

/** Whether `error` is what a peer said, and not the want of a connection to it. */
export function isAnswer(error: unknown): boolean {
  const { code } = error as Partial<ServiceError>;
  return typeof code === "number" && !CONNECTION_CODES.has(code);
}

/**
 * Names the endpoint, the phase and the cause of a failed call. Where the connection
 * itself is in doubt it is tried again step by step, within 20 s or until `signal` aborts.
 */
export async function explain(
  error: unknown,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<string> {
  const { peer, endpoint, tls, method } = attempt;
  const diagnosis = isAnswer(error) ? undefined : await diagnose(endpoint, tls, { signal });
  if (diagnosis) {
    return `${peer} ${endpoint}: ${method} failed at ${diagnosis.phase}: ${diagnosis.cause}`;
  }
  return `${peer} ${endpoint}: ${method} failed: ${answer(error)}`;
}

/** What the peer answered, with what to do about it. */
function answer(error: unknown): string {
  const { code, details } = error as Partial<ServiceError>;
  if (typeof code !== "number") return messageOf(error);
  const text = `${codeName(code)}: ${details || "no details"}`;
  const advice = ADVICE[code];
  return advice ? `${text}; ${advice}` : text;
}

const ADVICE: Partial<Record<Code, string>> = {
  [Code.UNAUTHENTICATED]: "the token is not valid: check token or tokenFile of the config",
  [Code.PERMISSION_DENIED]:
    "the token does not belong to this exporter: check metadata.namespace, metadata.name and token",
  [Code.UNIMPLEMENTED]: "something else than a Jumpstarter controller answers there",
};

/** Says a line once, and again only when it changes or a minute has passed. */
export class RepeatGuard {
  #line = "";
  #saidAt = 0;

  /** Whether `line` should be said now. */
  isNews(line: string, now: number = Date.now()): boolean {
    if (line === this.#line && now - this.#saidAt < 60_000) return false;
    this.#line = line;
    this.#saidAt = now;
    return true;
  }

  /** Things work again; the next trouble is news, whatever it is. */
  reset(): void {
    this.#line = "";
  }
}
