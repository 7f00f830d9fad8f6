/** Whether drivers work. @module */
import { Code, codeOf, messageOf } from "../wire/error.ts";
import type { DriverClient } from "./driver_client.ts";
import type { CallBounds } from "./session_client.ts";

/** Whether a driver works, as far as an exporter tells. */
export interface Health {
  /** Unknown when no answer came in time. */
  readonly state: "ok" | "degraded" | "unknown";
  /** Why it does not work, or why that is unknown. */
  readonly reason?: string;
}

/**
 * The name of a method that no driver has: a driver that works answers NOT_FOUND, without effect. A
 * report tells nothing about health, and official exporters serve no degraded drivers.
 */
const NO_METHOD = "jumpstarter.dev/health";

/** How the exporter of this project begins each answer of a degraded driver. */
const DEGRADED = /^driver '.*?' is not available: /;

/** How long an answer may take, in ms: a driver may still be opening. */
const ANSWER_MS = 2_000;

/** Asks for the health of a driver. @throws the signal's reason */
export async function healthOf(
  driver: DriverClient,
  { signal, timeoutMs = ANSWER_MS }: CallBounds = {},
): Promise<Health> {
  try {
    await driver.call(NO_METHOD, [], { signal, timeoutMs });
    return { state: "ok" };
  } catch (error) {
    signal?.throwIfAborted();
    return healthBy(error, timeoutMs);
  }
}

function healthBy(error: unknown, timeoutMs = ANSWER_MS): Health {
  const reason = messageOf(error);
  if (DEGRADED.test(reason)) return { state: "degraded", reason: reason.replace(DEGRADED, "") };
  switch (codeOf(error)) {
    case Code.DEADLINE_EXCEEDED:
      return { state: "unknown", reason: `no answer within ${timeoutMs / 1000} s` };
    case Code.UNAVAILABLE:
    case Code.FAILED_PRECONDITION:
      return { state: "unknown", reason };
    default:
      return { state: "ok" };
  }
}
