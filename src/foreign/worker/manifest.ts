/** Manifests of drivers in workers. @module */
import { type DriverManifest, messageOf, type ProbeContext, z } from "../../driver/mod.ts";
import type { JsonSchema } from "../../driver/json_schema.ts";
import type { DriverWorker } from "./driver_worker.ts";
import { openInWorker, type WorkerConfig } from "./open.ts";
import type { DriverHost } from "./driver_host.ts";
import type { DriverSummary, Issue, Parsed, Ref } from "./protocol.ts";

/**
 * Makes the manifest of a custom driver. Its schema parses in the worker, so only asynchronously;
 * issues keep the paths and codes of the author's schema.
 *
 * @param type the type that the file declares, or the reference in the YAML.
 */
export function workerManifest(
  host: DriverHost,
  summary: DriverSummary,
  type: string,
): DriverManifest {
  const { ref, client, children } = summary;
  return {
    type,
    client,
    children,
    config: z.unknown().transform(async (raw, context): Promise<WorkerConfig> => {
      const parsed = await parse(host, ref, raw);
      if ("labels" in parsed) return { raw, labels: parsed.labels };
      for (const issue of parsed.issues) context.issues.push({ ...issue, input: raw } as never);
      return z.NEVER;
    }),
    ...(summary.labels && { labels: ({ labels }: WorkerConfig) => ({ ...labels }) }),
    load: () =>
      Promise.resolve({
        ...(summary.probe && { probe: (context) => probe(host, ref, context) }),
        open: (context) => openInWorker(host, ref, type, context),
      }),
  };
}

/** The schema of a config; undefined if it cannot be told, as that of another library. */
export async function describeConfig(host: DriverHost, ref: Ref): Promise<JsonSchema | undefined> {
  const { schema } = await use(
    host,
    ref,
    (worker) => worker.within("parse", (signal) => worker.rpc.request("describe", { ref }, signal)),
  );
  return schema;
}

async function probe(
  host: DriverHost,
  ref: Ref,
  { config: { raw }, signal }: ProbeContext<WorkerConfig>,
): Promise<void> {
  await use(host, ref, ({ rpc }) => rpc.request("probe", { ref, config: raw }, signal));
}

async function parse(host: DriverHost, ref: Ref, config: unknown): Promise<Parsed> {
  try {
    return await use(
      host,
      ref,
      (worker) =>
        worker.within("parse", (signal) => worker.rpc.request("parse", { ref, config }, signal)),
    );
  } catch (error) {
    const issue: Issue = { code: "custom", path: [], message: messageOf(error) };
    return { issues: [issue] };
  }
}

async function use<T>(host: DriverHost, ref: Ref, run: (worker: DriverWorker) => Promise<T>) {
  const { worker } = await host.acquire();
  try {
    await worker.ensureDefined(ref);
    return await run(worker);
  } finally {
    host.release();
  }
}
