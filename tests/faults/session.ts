/** Calls of fault runs to a session, without the official client. @module */
import type { SessionClient } from "../../src/client/session_client.ts";
import { ExporterStatus } from "../../src/wire/gen/jumpstarter/v1/common.ts";
import { pause } from "./fault.ts";

/** Bounds each call. */
const PATIENCE = { timeoutMs: 30_000 };

/** Asks for the report, as every client does first, and switches power on. */
export async function powerOn(client: SessionClient): Promise<void> {
  const { reports } = await client.report(PATIENCE);
  const power = reports.find(({ labels }) => labels["jumpstarter.dev/name"] === "power");
  if (!power) throw new Error("Cannot switch power on: expected a driver 'power', found none");
  await client.call(power.uuid, "on", [], PATIENCE);
}

/** Ends the session as the official `jmp shell` does, and polls until the exporter is done. */
export async function sayGoodbye(client: SessionClient): Promise<void> {
  await client.endSession(PATIENCE);
  for (const end = Date.now() + 30_000; Date.now() < end; await pause(100)) {
    const { status } = await client.status(PATIENCE);
    if (status === ExporterStatus.EXPORTER_STATUS_AVAILABLE) return;
  }
  throw new Error("Cannot see AVAILABLE within 30 s of EndSession");
}
