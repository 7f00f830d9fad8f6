/** Waits until a program serves its drivers. @module */
import { Deadline } from "../../base/deadline.ts";
import { sleep } from "../../base/sleep.ts";
import { connectSession } from "../../client/connect.ts";
import type { SessionClient } from "../../client/session_client.ts";
import { ConnectionFailed, DriverError, messageOf } from "../../driver/mod.ts";
import { Code, codeOf } from "../../wire/error.ts";
import type { GetReportResponse } from "../../wire/gen/jumpstarter/v1/jumpstarter.ts";
import type { ProcessEnd } from "../process/launched.ts";
import { quoteLines } from "../last_lines.ts";
import type { ProgramProcess } from "./process.ts";

/** Time between attempts, and how long one may take, in milliseconds. */
const ASK_MS = 25, ANSWER_MS = 5_000;

/** A program that has answered. */
export interface Serving {
  readonly client: SessionClient;
  readonly report: GetReportResponse;
}

/**
 * Asks for the report until the program answers.
 *
 * @throws {ConnectionFailed} with its last lines, if it ends before, or takes longer than `ms`
 * @throws {DriverError} if it refuses to answer
 * @throws the signal's reason
 */
export async function waitUntilServing(
  process: Pick<ProgramProcess, "socket" | "ended" | "lastLines">,
  ms: number,
  signal: AbortSignal,
): Promise<Serving> {
  let problem = "nothing";
  const late = () =>
    new ConnectionFailed(
      `expected that the program answers GetReport on its socket within ${ms / 1000} s, found ` +
        `${problem}${quoteLines(process.lastLines)}; correct it, or raise startTimeout`,
    );
  const ending = new AbortController();
  process.ended.then((end) => ending.abort(endedTooSoon(end)));
  using deadline = new Deadline({ ms, signal: AbortSignal.any([signal, ending.signal]), late });
  for (;;) {
    try {
      return await ask(process.socket, deadline.signal);
    } catch (error) {
      deadline.signal.throwIfAborted();
      if (!TEMPORARY.has(codeOf(error))) throw refusal(error);
      problem = messageOf(error);
    }
    await sleep(ASK_MS, deadline.signal);
  }
}

/** The statuses of a program that may answer later. */
const TEMPORARY: ReadonlySet<Code> = new Set([
  Code.UNAVAILABLE,
  Code.DEADLINE_EXCEEDED,
  Code.FAILED_PRECONDITION,
]);

async function ask(socket: string, signal: AbortSignal): Promise<Serving> {
  const address = { kind: "unix", path: socket } as const;
  const client = await connectSession(address, { signal, connectMs: ANSWER_MS });
  try {
    return { client, report: await client.report({ signal, timeoutMs: ANSWER_MS }) };
  } catch (error) {
    await client[Symbol.asyncDispose]();
    throw error;
  }
}

function endedTooSoon({ how, lastLines }: ProcessEnd): ConnectionFailed {
  return new ConnectionFailed(
    `the program ended with ${how} before it answered GetReport${quoteLines(lastLines)}`,
  );
}

function refusal(error: unknown): DriverError {
  return new DriverError(`expected that the program answers GetReport, found: ${messageOf(error)}`);
}
