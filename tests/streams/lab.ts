/** One driver of a config behind a session, and what its log tells of its streams. @module */
import { openFrames } from "../../src/wire/router/testing.ts";
import type { DriverManifest } from "../../src/driver/manifest.ts";
import { serveEntries } from "../../src/session/testing.ts";
import { entryOf } from "../../src/tree/testing.ts";
import type { FrameCall } from "../../src/wire/router/testing.ts";

/** A served driver. */
export interface Lab extends AsyncDisposable {
  /** Opens a stream as a client does. */
  connect(): FrameCall;
  /** The warnings and errors of the driver's streams, as clients read them in their log stream. */
  told(): string[];
  /** As the driver's entry has it. */
  readonly config: unknown;
}

/** Serves a driver with `config`, by the name `device`. */
export async function serve(manifest: DriverManifest, config: unknown): Promise<Lab> {
  const implementation = await manifest.load();
  const parsed = await manifest.config.parseAsync(config);
  const entry = entryOf("device", { ...manifest, ...implementation });
  const served = await serveEntries([{
    ...entry,
    source: { manifest, implementation, config: parsed },
  }]);
  const uuid = served.uuid("device");
  return {
    connect: () => openFrames(served.grpc, { kind: "driver", uuid, method: "connect" }),
    told: () =>
      served.records
        .filter(({ severity }) => severity !== "info" && severity !== "debug")
        .map(({ severity, logger, message }) => `${severity} ${logger}: ${message}`)
        // What the lease tells of the driver when it begins.
        .filter((line) => !line.includes(" is degraded: ")),
    config,
    [Symbol.asyncDispose]: () => served[Symbol.asyncDispose](),
  };
}
