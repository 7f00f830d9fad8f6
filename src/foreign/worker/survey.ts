/** Lists the drivers that a file in a driver folder defines. @module */
import { DriverError, messageOf } from "../../driver/mod.ts";
import type { DriverWorker } from "./driver_worker.ts";
import type { DriverHost } from "./driver_host.ts";
import type { Defined, DriverSummary } from "./protocol.ts";

/** The drivers of a file, and the problems of those that cannot be used. */
export interface Survey {
  readonly path: string;
  readonly host: DriverHost;
  readonly summaries: readonly DriverSummary[];
  readonly problems: readonly { readonly type?: string; readonly error: DriverError }[];
}

/**
 * Calls every exported function of a file.
 *
 * @throws {DriverError} if the file cannot be loaded.
 */
export async function survey(host: DriverHost, path: string): Promise<Survey> {
  const { worker, exports } = await host.acquire();
  try {
    const defined = await Promise.all(
      exports.functions.map(async (name) => ({ name, ...await define(worker, name) })),
    );
    return {
      path,
      host,
      summaries: defined.flatMap(({ summaries }) => summaries.filter(({ type }) => type)),
      problems: defined.flatMap(({ name, problems, summaries }) => [
        ...problems.map(({ type, text }) => ({
          ...(type !== undefined && { type }),
          error: unusable(path, name, text),
        })),
        ...summaries.filter(({ type }) => !type).map(() => ({
          error: unusable(path, name, "expected 'type' to be a dotted name, found nothing"),
        })),
      ]),
    };
  } finally {
    host.release();
  }
}

async function define(worker: DriverWorker, name: string): Promise<Defined> {
  try {
    return await worker.define(name);
  } catch (error) {
    return { summaries: [], problems: [{ text: `calling it failed: ${messageOf(error)}` }] };
  }
}

/** The error for an export that cannot be used. */
export function unusable(path: string, name: string, why: string): DriverError {
  return new DriverError(`Cannot use export '${name}' of the driver file ${path}: ${why}`);
}
