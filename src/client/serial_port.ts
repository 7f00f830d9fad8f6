/** Serial ports, as clients of any exporter see them. @module */
import type { Duplex } from "node:stream";
import { Code, codeOf, messageOf } from "../wire/error.ts";
import type { DriverClient } from "./driver_client.ts";
import type { CallBounds } from "./session_client.ts";

/** Longest wait for the reason of an end, in milliseconds. */
const LOSS_MS = 5_000;

/**
 * Opens a port, beginning with the last 64 KiB that clients of the lease have received.
 *
 * @returns undefined if the driver does not keep them: only that of this project does
 * @throws as {@linkcode DriverClient.bytes}
 */
export async function openWithScrollback(
  driver: DriverClient,
  bounds?: CallBounds,
): Promise<Duplex | undefined> {
  try {
    return await driver.bytes("scrollback", bounds);
  } catch (error) {
    if (isUnknownMethod(error)) return undefined;
    throw error;
  }
}

/**
 * Waits until the device has all that was sent to its streams; returns at once if the driver cannot
 * tell.
 *
 * @throws as {@linkcode DriverClient.call}
 */
export async function flush(driver: DriverClient, bounds?: CallBounds): Promise<void> {
  try {
    await driver.call("flush", [], bounds);
  } catch (error) {
    if (!isUnknownMethod(error)) throw error;
  }
}

/**
 * Why a stream of the port has ended: what the exporter lost the port by, or why it does not answer.
 *
 * @returns undefined if the port was not lost, or the driver does not tell
 */
export async function lossOf(driver: DriverClient): Promise<string | undefined> {
  try {
    const loss = await driver.call("loss", [], { timeoutMs: LOSS_MS });
    return typeof loss === "string" ? loss : undefined;
  } catch (error) {
    return isUnknownMethod(error) ? undefined : messageOf(error);
  }
}

/** Official exporters answer UNKNOWN for byte streams. */
function isUnknownMethod(error: unknown): boolean {
  const codes: Code[] = [Code.NOT_FOUND, Code.UNIMPLEMENTED, Code.UNKNOWN];
  return codes.includes(codeOf(error));
}
