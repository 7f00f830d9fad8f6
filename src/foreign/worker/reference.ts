/** Finds the driver that `./file.ts#Name` names. @module */
import { messageOf } from "../../driver/mod.ts";
import type { DriverWorker } from "./driver_worker.ts";
import type { DriverHost } from "./driver_host.ts";
import type { Defined, DriverSummary, Exports } from "./protocol.ts";
import { unusable } from "./survey.ts";

/**
 * The driver that export `name` of a file defines.
 *
 * @throws {DriverError} if there is none, with the reason.
 */
export async function referTo(
  host: DriverHost,
  path: string,
  name: string,
): Promise<DriverSummary> {
  const { worker, exports } = await host.acquire();
  try {
    if (!exports.functions.includes(name)) throw unusable(path, name, missing(name, exports));
    const { summaries, problems } = await define(worker, path, name);
    if (problems[0]) throw unusable(path, name, problems[0].text);
    if (summaries.length === 1) return summaries[0]!;
    throw unusable(
      path,
      name,
      `expected it to return one driver, found ${summaries.length}; export each driver by itself`,
    );
  } finally {
    host.release();
  }
}

function missing(name: string, { functions, others }: Exports): string {
  if (others.includes(name)) {
    return "expected a function (sdk) => driver, found another kind of value; wrap it in one";
  }
  const found = functions.length > 0 ? functions.map((each) => `#${each}`).join(", ") : "none";
  return `expected an exported function of that name, found ${found}; correct the name after '#'`;
}

async function define(worker: DriverWorker, path: string, name: string): Promise<Defined> {
  try {
    return await worker.define(name);
  } catch (error) {
    throw unusable(path, name, `calling it failed: ${messageOf(error)}`);
  }
}
