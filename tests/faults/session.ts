/** Calls of fault runs to a session, without the official client. @module */
import { ExporterStatus } from "../../src/wire/gen/jumpstarter/v1/common.ts";
import { ask } from "../controller/ask.ts";
import type { SessionClient } from "../controller/session_client.ts";
import { pause } from "./fault.ts";

/** Asks for the report, as every client does first, and switches power on. */
export async function powerOn({ exporter }: SessionClient): Promise<void> {
  const { reports } = await ask(exporter, "getReport", {}, { timeoutMs: 30_000 });
  const power = reports.find(({ labels }) => labels["jumpstarter.dev/name"] === "power");
  if (!power) throw new Error("Cannot switch power on: expected a driver 'power', found none");
  const request = { uuid: power.uuid, method: "on", args: [] };
  await ask(exporter, "driverCall", request, { timeoutMs: 30_000 });
}

/** Ends the session as the official `jmp shell` does, and polls until the exporter is done. */
export async function sayGoodbye({ exporter }: SessionClient): Promise<void> {
  await ask(exporter, "endSession", {}, { timeoutMs: 30_000 });
  for (const end = Date.now() + 30_000; Date.now() < end; await pause(100)) {
    const { status } = await ask(exporter, "getStatus", {}, { timeoutMs: 30_000 });
    if (status === ExporterStatus.EXPORTER_STATUS_AVAILABLE) return;
  }
  throw new Error("Cannot see AVAILABLE within 30 s of EndSession");
}
