/** ExporterService: what clients call on the drivers of a session. @module */
import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  Metadata,
  type ServiceError,
} from "@grpc/grpc-js";
import { randomUUID } from "node:crypto";
import { Code, DriverError, toServiceError } from "../wire/error.ts";
import { fromValues, toValue } from "../wire/value.ts";
import type {
  ExporterServiceServer,
  LogStreamResponse,
} from "../wire/gen/jumpstarter/v1/jumpstarter.ts";
import { LogSource } from "../wire/gen/jumpstarter/v1/common.ts";
import { report } from "../driver/tree.ts";
import type { LogOrigin, LogRecord } from "../system/log.ts";
import { sendAll } from "./calls.ts";
import type { SessionState } from "./session.ts";

const SOURCES: Record<LogOrigin, LogSource> = {
  system: LogSource.LOG_SOURCE_SYSTEM,
  driver: LogSource.LOG_SOURCE_DRIVER,
  beforeLease: LogSource.LOG_SOURCE_BEFORE_LEASE_HOOK,
  afterLease: LogSource.LOG_SOURCE_AFTER_LEASE_HOOK,
};

class Unimplemented extends DriverError {
  override readonly code = Code.UNIMPLEMENTED;
}

/** The service over one session. */
export function exporterService(session: SessionState): ExporterServiceServer {
  return {
    getReport: unary(session, () => ({
      uuid: session.uuid,
      labels: { ...session.labels },
      reports: report(session.root),
      alternativeEndpoints: [],
      motd: session.motd,
    })),
    getStatus: unary(session, () => session.status.get()),
    endSession: unary(session, () => session.endSession()),
    reset: unary(session, () => {
      throw new Unimplemented("Reset is not part of what exporters serve");
    }),
    driverCall: unary(session, async ({ uuid, method, args }, signal) => {
      await session.admit(signal);
      const result = await session.drivers.call(uuid, method, fromValues(args), { signal });
      return { uuid: randomUUID(), result: toValue(result) };
    }),
    streamingDriverCall: streaming(session, async function* ({ uuid, method, args }, signal) {
      await session.admit(signal);
      const items = await session.drivers.stream(uuid, method, fromValues(args), { signal });
      for await (const item of items) yield { uuid: randomUUID(), result: toValue(item) };
    }),
    logStream: streaming(session, async function* (_request, signal) {
      for await (const record of session.logs.subscribe(signal)) yield logLine(record);
    }),
  };
}

function logLine(record: LogRecord): LogStreamResponse {
  return {
    uuid: "",
    severity: record.severity.toUpperCase(),
    message: record.message,
    source: SOURCES[record.origin],
    driverType: record.driverType,
    timestamp: record.time,
    structuredFields: {},
  };
}

/** A unary handler from a function; whatever it throws becomes the call's status. */
function unary<Request, Response>(
  session: SessionState,
  handle: (request: Request, signal: AbortSignal) => Response | Promise<Response>,
): handleUnaryCall<Request, Response> {
  return async (call, respond) => {
    using running = session.calls.enter(call);
    try {
      respond(null, await handle(call.request, running.signal));
    } catch (error) {
      respond(toServiceError(error) as ServiceError);
    }
  };
}

/** A server-streaming handler from a generator. */
function streaming<Request, Response>(
  session: SessionState,
  generate: (request: Request, signal: AbortSignal) => AsyncIterable<Response>,
): handleServerStreamingCall<Request, Response> {
  return async (call) => {
    using running = session.calls.enter(call);
    // A client waits for the headers before it believes that the stream exists.
    call.sendMetadata(new Metadata());
    await sendAll(call, generate(call.request, running.signal));
  };
}
