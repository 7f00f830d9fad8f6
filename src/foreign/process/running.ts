/** A process that serves drivers, and the connection for calls of clients to it. @module */
import { withDeadline } from "../../base/deadline.ts";
import { SessionClient } from "../../client/session_client.ts";
import { ConnectionFailed, DriverError, messageOf } from "../../wire/error.ts";
import { ExporterServiceService } from "../../wire/gen/jumpstarter/v1/jumpstarter.ts";
import { type CallSettings, GrpcClient } from "../../wire/grpc/client.ts";
import { Code } from "../../wire/code.ts";
import { type Status, StatusError } from "../../wire/grpc/status.ts";
import { dialUnix } from "../../wire/net/dial.ts";
import type { RemoteCall } from "../../tree/driver_process.ts";
import { quoteLines } from "../last_lines.ts";
import type { Launched, ProcessEnd } from "./launched.ts";

/** Both sides are on this host: a process that vanishes closes its socket. */
const KEEPALIVE = { timeMs: 600_000, timeoutMs: 60_000 };
/** How long after the loss of a connection the end of its process may become known, in ms. */
const END_MS = 2_000;

/** @see module */
export class Running {
  readonly launched: Launched;
  readonly #name: string;
  readonly #grpc: GrpcClient;
  #client: Promise<SessionClient> | undefined;
  #end: ProcessEnd | undefined;

  private constructor(name: string, launched: Launched, grpc: GrpcClient) {
    this.#name = name;
    this.launched = launched;
    this.#grpc = grpc;
    launched.ended.then((end) => this.#end = end);
  }

  /** Connects to a process that was launched. @throws as `dialUnix` */
  static async connect(name: string, launched: Launched, signal: AbortSignal): Promise<Running> {
    const link = await dialUnix(launched.socket, signal);
    const options = { authority: "localhost", keepalive: KEEPALIVE };
    return new Running(name, launched, await GrpcClient.open(link, options, signal));
  }

  /** Why the process has ended; undefined while it runs. */
  get problem(): DriverError | undefined {
    return this.#end && endedError(this.#name, this.#end);
  }

  /** Opens a call. @throws {DriverError} UNAVAILABLE if the process has ended */
  async open(path: string, settings: CallSettings): Promise<RemoteCall> {
    try {
      const call = this.#grpc.call(path, settings);
      return { call, explain: (status) => this.#explain(status) };
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      throw await this.#explain(error);
    }
  }

  /** Asks for the status of its session, which a driver that blocks the process delays. */
  async ask(signal: AbortSignal): Promise<void> {
    const { getStatus } = ExporterServiceService;
    await this.#grpc.unary(getStatus, {}, { signal });
  }

  /** A client for the exporter's own drivers, on a connection of its own. */
  client(): Promise<SessionClient> {
    return this.#client ??= this.#connectClient();
  }

  /** Ends the connections, then the process. */
  async close(graceMs: number): Promise<void> {
    this.#grpc[Symbol.dispose]();
    const client = await this.#client?.catch(() => undefined);
    await client?.[Symbol.asyncDispose]();
    await this.launched.close(graceMs);
  }

  async #connectClient(): Promise<SessionClient> {
    const signal = AbortSignal.timeout(END_MS);
    const link = await dialUnix(this.launched.socket, signal);
    return await SessionClient.open(link, { keepalive: KEEPALIVE }, signal);
  }

  /** A status of the process itself stays as it is. */
  async #explain({ code, details }: Status): Promise<Error> {
    if (code === Code.UNAVAILABLE && !this.#grpc.usable) {
      const late = () => new Error("its end did not become known");
      await withDeadline(this.launched.ended, { ms: END_MS, late }).catch(() => {});
      if (this.problem) return this.problem;
    }
    return new StatusError(code, details);
  }
}

/** `the Python drivers ended with signal SIGKILL; its last lines: …` */
function endedError(name: string, { how, lastLines }: ProcessEnd): DriverError {
  return new ConnectionFailed(`${name} ended with ${how}${quoteLines(lastLines)}`);
}

/** Why a process could not be started. */
export function startError(name: string, error: unknown): DriverError {
  const what = `Cannot start ${name}: ${messageOf(error)}`;
  return error instanceof DriverError
    ? new StatusError(error.code, what)
    : new ConnectionFailed(what);
}
