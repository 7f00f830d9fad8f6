/** SETTINGS, ours and the peer's (RFC 9113 §6.5). @module */
import { ConnectionError, DEFAULT_FRAME, MAX_WINDOW, Reason, Setting, Type } from "./codes.ts";
import type { Output } from "./output.ts";

/** A setting: its key and value. */
export type SettingEntry = readonly [key: number, value: number];

const MAX_FRAME_LIMIT = 2 ** 24 - 1;

/** Appends a SETTINGS frame. */
export function writeSettings(output: Output, settings: readonly SettingEntry[]): void {
  output.frame(Type.SETTINGS, 0, 0, 6 * settings.length);
  for (const [key, value] of settings) {
    output.byte(0);
    output.byte(key);
    output.uint32(value);
  }
}

/** The settings in a frame, unknown ones included. @throws {ConnectionError} for a forbidden value */
export function readSettings(payload: Uint8Array): SettingEntry[] {
  if (payload.length % 6 !== 0) {
    throw new ConnectionError(Reason.FRAME_SIZE_ERROR, `SETTINGS of ${payload.length} bytes`);
  }
  const settings: SettingEntry[] = [];
  for (let at = 0; at < payload.length; at += 6) {
    const entry = [payload[at]! << 8 | payload[at + 1]!, uint32(payload, at + 2)] as const;
    check(entry);
    settings.push(entry);
  }
  return settings;
}

function check([key, value]: SettingEntry): void {
  const broken = (reason: number) => {
    throw new ConnectionError(reason, `setting ${key} cannot be ${value}`);
  };
  if (key === Setting.ENABLE_PUSH && value > 1) broken(Reason.PROTOCOL_ERROR);
  if (key === Setting.INITIAL_WINDOW_SIZE && value > MAX_WINDOW) broken(Reason.FLOW_CONTROL_ERROR);
  if (key === Setting.MAX_FRAME_SIZE && (value < DEFAULT_FRAME || value > MAX_FRAME_LIMIT)) {
    broken(Reason.PROTOCOL_ERROR);
  }
}

/** Four bytes as a number, most significant first. */
export function uint32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24 | bytes[at + 1]! << 16 | bytes[at + 2]! << 8 | bytes[at + 3]!) >>> 0;
}
