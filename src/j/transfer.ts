/** Transfers between drivers and the ends that commands name. @module */
import type { DriverClient } from "../client/driver_client.ts";
import type { CallBounds } from "../client/session_client.ts";
import { receiveFrom, sendTo } from "../client/transfer.ts";
import { trailingNotice } from "../codec/transcoder.ts";
import type { ClientStreamHandle } from "../wire/router/stream_target.ts";
import type { JCommand } from "./command.ts";
import type { Context } from "./context.ts";
import type { PresignedRequest, Sink, Source } from "./transfer_ends.ts";
import { Progress } from "./progress.ts";
import { choice, choiceFlag } from "./values.ts";

/** Makes the driver call with its resource, the argument that stands for the bytes. */
export type UseResource = (
  resource: ClientStreamHandle | PresignedRequest,
  bounds: CallBounds,
) => Promise<unknown>;

/** What a command transfers with. */
export interface Transfer {
  readonly driver: DriverClient;
  readonly context: Context;
  /** The compression of the local bytes. */
  readonly compression?: string | undefined;
}

const ENCODINGS = ["gzip", "xz", "bz2", "zstd"] as const;

/** Adds `--compression`. */
export function addCompression(command: JCommand): JCommand {
  const text = "Compression of the file; the driver gets and gives plain bytes";
  return command.option(`--compression ${choiceFlag(ENCODINGS)}`, text, choice(ENCODINGS));
}

/** Sends `source` to a call. @throws as sendTo */
export async function send(transfer: Transfer, source: Source, use: UseResource): Promise<void> {
  const { driver, context, compression: encoding } = transfer;
  const { signal } = context;
  const { content, label, size: total } = source;
  if ("kind" in content) return void await use(content, { signal });
  using progress = new Progress({ label, total }, context);
  const onTrailing = (count: number) => context.output.say(trailingNotice(count));
  await sendTo(driver, progress.counted(content), use, { encoding, signal, onTrailing });
  progress.complete();
}

/** Receives what a call writes. A failure prints that the file is incomplete. @throws as receiveFrom */
export async function receive(transfer: Transfer, sink: Sink, use: UseResource): Promise<void> {
  const { driver, context, compression: encoding } = transfer;
  const { signal } = context;
  const { content, label } = sink;
  if ("kind" in content) return void await use(content, { signal });
  using progress = new Progress({ label }, context, !sink.isTerminal);
  try {
    const counted = (bytes: AsyncIterable<Uint8Array>) => content(progress.counted(bytes));
    await receiveFrom(driver, counted, use, { encoding, signal });
    await sink.complete?.();
  } catch (error) {
    progress[Symbol.dispose]();
    if (sink.partialFile !== undefined) context.output.say(`${sink.partialFile} is incomplete`);
    throw error;
  }
  progress.complete();
}
