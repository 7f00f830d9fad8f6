/** ExporterService: the calls of clients to a session and its drivers. @module */
import { randomUUID } from "node:crypto";
import { Code, DriverError } from "../wire/error.ts";
import { type DriverCall, readDriverCall, uuidOfCall } from "../wire/driver_call.ts";
import { readNothing } from "../wire/protobuf.ts";
import { toValue } from "../wire/value.ts";
import {
  ExporterServiceService as methods,
  type LogStreamResponse,
} from "../wire/gen/jumpstarter/v1/jumpstarter.ts";
import { LogSource } from "../wire/gen/jumpstarter/v1/common.ts";
import { report } from "../tree/report.ts";
import { isHook, type LogOrigin, type LogRecord } from "../log/log.ts";
import { printableLines, printableOutput } from "../text/printable.ts";
import {
  type Definition,
  type Method,
  type Methods,
  type OneRequestMethod,
  onlyMessage,
  streaming,
  unary,
} from "../wire/grpc/methods.ts";
import type { ServerCall } from "../wire/grpc/server_call.ts";
import { passCall, remoteOf } from "./remote_calls.ts";
import type { SessionState } from "./session_state.ts";

const SOURCES: Record<LogOrigin, LogSource> = {
  system: LogSource.LOG_SOURCE_SYSTEM,
  driver: LogSource.LOG_SOURCE_DRIVER,
  beforeLease: LogSource.LOG_SOURCE_BEFORE_LEASE_HOOK,
  afterLease: LogSource.LOG_SOURCE_AFTER_LEASE_HOOK,
};

class Unimplemented extends DriverError {
  override readonly code = Code.UNIMPLEMENTED;
}

/** The service of one session. */
export function exporterService(session: SessionState): Methods {
  const served = [
    once(empty(methods.getReport), async () => ({
      uuid: session.uuid,
      labels: { ...session.labels },
      reports: report(await session.drivers.root()),
      alternativeEndpoints: [],
      motd: session.motd,
    })),
    once(
      empty(methods.getStatus),
      (_request, call) => session.readers?.answer(call) ?? session.status.get(),
    ),
    once(empty(methods.endSession), () => session.endSession()),
    once(empty(methods.reset), () => {
      throw new Unimplemented("exporters do not implement Reset");
    }),
    ofDriver(
      session,
      once(calls(methods.driverCall), async (request, call) => {
        const { uuid, method, args } = request;
        const { signal, connection } = call;
        await admission(session, request, call);
        signal.throwIfAborted();
        const context = connection ? { signal, connection } : { signal };
        const result = await session.drivers.call(uuid, method, args, context);
        return { uuid: randomUUID(), result: toValue(result) };
      }),
    ),
    ofDriver(
      session,
      many(calls(methods.streamingDriverCall), async function* (request, call) {
        const { uuid, method, args } = request;
        const { signal } = call;
        await admission(session, request, call);
        signal.throwIfAborted();
        const items = await session.drivers.stream(uuid, method, args, { signal });
        for await (const item of items) yield { uuid: randomUUID(), result: toValue(item) };
      }),
    ),
    many(empty(methods.logStream), async function* (_request, call) {
      const records = session.readers?.logs(call) ?? session.logs.subscribe(call.signal);
      for await (const record of records) yield logLine(record);
    }),
  ];
  return new Map(served);
}

/** A method that calls a driver. Calls for a driver of another process are passed on as they are. */
function ofDriver(
  session: SessionState,
  [path, serve]: readonly [string, OneRequestMethod],
): readonly [string, Method] {
  return [path, async (call) => {
    const request = await onlyMessage(call);
    const uuid = uuidOfCall(request);
    tell(session, request);
    const remote = uuid === undefined ? undefined : await remoteOf(session, call, uuid);
    if (remote) await passCall(remote, call, uuid!, request);
    else await serve(call, Promise.resolve(request));
  }];
}

/** Tells the session of a call that was read, if it wants to know. */
function tell({ onCall }: SessionState, request: Uint8Array): void {
  if (!onCall) return;
  const { uuid, method } = readDriverCall(request);
  onCall(uuid, method);
}

/** The same method, whose requests are decoded with limits. */
function calls<Response>(
  definition: Definition<unknown, Response>,
): Definition<DriverCall, Response> {
  return { ...definition, requestDeserialize: readDriverCall };
}

/** The same method, whose requests have no content. */
function empty<Response>(definition: Definition<unknown, Response>): Definition<object, Response> {
  return { ...definition, requestDeserialize: readNothing };
}

/** Resolves once drivers may be called, and counts the request's memory until then. */
function admission(session: SessionState, { weight }: DriverCall, call: ServerCall): Promise<void> {
  call.keep(weight);
  return session.admit(call);
}

function once<Request, Response>(
  definition: Definition<Request, Response>,
  handle: Parameters<typeof unary<Request, Response>>[1],
) {
  return [definition.path, unary(definition, handle)] as const;
}

function many<Request, Response>(
  definition: Definition<Request, Response>,
  handle: Parameters<typeof streaming<Request, Response>>[1],
) {
  return [definition.path, streaming(definition, handle)] as const;
}

/** Clients print it on their terminal. Lines of hooks may have colours, but no other controls. */
function logLine(record: LogRecord): LogStreamResponse {
  const safe = isHook(record.origin) ? printableOutput : printableLines;
  return {
    uuid: "",
    severity: record.severity.toUpperCase(),
    message: safe(record.message),
    source: SOURCES[record.origin],
    driverType: record.driverType,
    timestamp: record.time,
    structuredFields: {},
  };
}
