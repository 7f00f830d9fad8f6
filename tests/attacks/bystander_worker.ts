/** The thread of a bystander: an event loop that attacks do not share. @module */
/// <reference lib="deno.worker" />
import { connectSession } from "../../src/client/connect.ts";
import type { SessionClient } from "../../src/client/session_client.ts";
import type { Address, Told } from "./bystander.ts";

/** How long it waits for an answer, and before the next call, in milliseconds. */
const PATIENCE_MS = 60_000;
const PAUSE_MS = 50;

async function watch({ session, ...options }: Address): Promise<void> {
  const tell = (told: Told) => postMessage(told);
  let client: SessionClient | undefined;
  for (;;) {
    const start = performance.now();
    try {
      client ??= await connectSession(session, { ...options, connectMs: PATIENCE_MS });
      const { reports } = await client.report({ timeoutMs: PATIENCE_MS });
      const uuids = reports.map(({ uuid, labels }) => [labels["jumpstarter.dev/name"]!, uuid]);
      tell({ ms: performance.now() - start, uuids: uuids as [string, string][] });
    } catch (error) {
      tell({ ms: performance.now() - start, failure: (error as Error).message });
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

addEventListener("message", ({ data }: MessageEvent<Address>) => void watch(data), { once: true });
