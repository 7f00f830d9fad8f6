/** Calls to the drivers of serial ports; the driver of this project has some that others lack. @module */
import type { Duplex } from "node:stream";
import { Code, codeOf, messageOf } from "../wire/error.ts";
import type { DriverClient } from "./driver_client.ts";
import { isMissingMethod } from "./missing_method.ts";
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
 * Asks why a stream of the port has ended.
 *
 * @returns the reason of the loss, or why the exporter does not answer; undefined if the port was not
 * lost, or the driver does not tell
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
  return isMissingMethod(error) || codeOf(error) === Code.UNKNOWN;
}
