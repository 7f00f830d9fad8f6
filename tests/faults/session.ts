/** What fault runs ask of a session, as a client that speaks the wire itself. @module */
import { ask } from "../controller/ask.ts";
import type { SessionClient } from "../controller/session_client.ts";

/** Asks for the report, as every client does first, and switches power on. */
export async function powerOn({ exporter }: SessionClient): Promise<void> {
  const { reports } = await ask(exporter, "getReport", {}, { timeoutMs: 30_000 });
  const power = reports.find(({ labels }) => labels["jumpstarter.dev/name"] === "power");
  if (!power) throw new Error("Cannot switch power on: expected a driver 'power', found none");
  const request = { uuid: power.uuid, method: "on", args: [] };
  await ask(exporter, "driverCall", request, { timeoutMs: 30_000 });
}
