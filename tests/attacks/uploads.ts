/** Uploads images as a client does; only their content is hostile. @module */
import { Metadata } from "@grpc/grpc-js";
import { FrameType, type StreamResponse } from "../../src/wire/gen/jumpstarter/v1/router.ts";
import { toValue } from "../../src/wire/value.ts";
import { ask } from "../controller/ask.ts";
import type { Clients, Drivers } from "./target.ts";

const PART = 64 * 1024;

/** How long one upload may take, in milliseconds. */
const UPLOAD_MS = 120_000;

/** Calls a method of a driver. @throws {ServiceError} with the exporter's answer */
export async function callDriver(
  target: Drivers,
  { exporter, admit }: Clients,
  driver: string,
  method: string,
  ...args: unknown[]
): Promise<unknown> {
  const request = { uuid: target.uuids.get(driver)!, method, args: args.map(toValue) };
  const options = { metadata: admit(new Metadata()), timeoutMs: UPLOAD_MS };
  const { result } = await ask(exporter, "driverCall", request, options);
  return result;
}

/** Writes `parts`, declared as `encoding`, into a file of the storage. */
export async function upload(
  target: Drivers,
  clients: Clients,
  encoding: string,
  parts: Iterable<Uint8Array>,
): Promise<void> {
  const { router, admit } = clients;
  const metadata = admit(new Metadata());
  const uuid = target.uuids.get("storage")!;
  metadata.set(
    "request",
    JSON.stringify({ kind: "resource", uuid, x_jmp_content_encoding: encoding }),
  );
  const call = router.stream(metadata);
  call.on("error", () => {});
  call.on("data", (_: StreamResponse) => {});
  const handle = await new Promise<unknown>((resolve, reject) => {
    call.once("metadata", (found) => resolve(JSON.parse(String(found.get("resource")[0]))));
    call.once("status", ({ details }) => reject(new Error(details)));
  });
  const sent = send(call, parts);
  const file = await callDriver(target, clients, "storage", "open", "upload", "wb");
  try {
    await callDriver(target, clients, "storage", "file_write", file, handle);
    await sent;
  } finally {
    call.cancel();
    await callDriver(target, clients, "storage", "file_close", file).catch(() => {});
  }
}

async function send(
  call: ReturnType<Clients["router"]["stream"]>,
  parts: Iterable<Uint8Array>,
): Promise<void> {
  let over = false;
  call.once("close", () => over = true);
  call.once("error", () => over = true);
  for (const part of parts) {
    for (let at = 0; at < part.length && !over; at += PART) {
      const payload = part.subarray(at, at + PART);
      const room = call.write({ payload, frameType: FrameType.FRAME_TYPE_DATA });
      if (!room) await drained(call);
    }
  }
  if (!over) call.write({ payload: new Uint8Array(), frameType: FrameType.FRAME_TYPE_GOAWAY });
}

function drained(call: ReturnType<Clients["router"]["stream"]>): Promise<void> {
  return new Promise((resolve) => {
    for (const event of ["drain", "close", "error"]) call.once(event, () => resolve());
  });
}
