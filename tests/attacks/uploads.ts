/** Uploads images as a client does; only their content is hostile. @module */
import type { SessionClient } from "../../src/client/session_client.ts";
import type { Drivers } from "./target.ts";

const PART = 64 * 1024;

/** How long one upload may take, in milliseconds. */
const UPLOAD_MS = 120_000;

/** Calls a method of a driver. @throws {StatusError} with the exporter's answer */
export function callDriver(
  target: Drivers,
  client: SessionClient,
  driver: string,
  method: string,
  ...args: unknown[]
): Promise<unknown> {
  return client.call(target.uuids.get(driver)!, method, args, { timeoutMs: UPLOAD_MS });
}

/** Writes `parts`, declared as `encoding`, into a file of the storage. */
export async function upload(
  target: Drivers,
  client: SessionClient,
  encoding: string,
  parts: Iterable<Uint8Array>,
): Promise<void> {
  using offered = await client.offer(target.uuids.get("storage")!, { encoding });
  const sent = offered.send(pieces(parts));
  sent.catch(() => {});
  const file = await callDriver(target, client, "storage", "open", "upload", "wb");
  try {
    await callDriver(target, client, "storage", "file_write", file, offered.handle);
    await sent;
  } finally {
    await callDriver(target, client, "storage", "file_close", file).catch(() => {});
  }
}

function* pieces(parts: Iterable<Uint8Array>): Iterable<Uint8Array> {
  for (const part of parts) {
    for (let at = 0; at < part.length; at += PART) yield part.subarray(at, at + PART);
  }
}
