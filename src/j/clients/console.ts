/** `start-console`: connects the terminal to a device. @module */
import type { Duplex } from "node:stream";
import { fulfilledWithin } from "../../base/deadline.ts";
import type { DriverClient } from "../../client/driver_client.ts";
import { LogFile } from "../../client/log_file.ts";
import { lossOf, openWithScrollback } from "../../client/serial_port.ts";
import { type JCommand, UsageError } from "../command.ts";
import { type Context, type Input, JError } from "../context.ts";
import { untilOpen } from "../transfer_ends.ts";
import { rawMode } from "../raw_mode.ts";

const CTRL_B = 2;
/** Number of consecutive Ctrl-B that leave the console. */
const TIMES = 3;

/** Longest wait, on leaving, until the device takes the last keys, in milliseconds. */
const LEAVE_MS = 500;

interface Options {
  readonly scrollback?: boolean;
  readonly log?: string;
  readonly append?: boolean;
}

/** Texts that differ between client classes. */
export interface ConsoleTexts {
  /** What official clients call the device when the console starts. */
  readonly device: string;
  /** The command that needs no terminal. */
  readonly instead: string;
}

/** Adds the options and the action of `start-console` to `command`. */
export function addConsole(
  command: JCommand,
  driver: DriverClient,
  context: Context,
  { device, instead }: ConsoleTexts,
): void {
  command
    .option("--scrollback", "Begin with the last 64 KiB of this lease")
    .option("--log <FILE>", "Also write the output of the device to a file")
    .option("-a, --append", "Append to the file of --log")
    .action(async (options: Options) => {
      if (options.append && options.log === undefined) {
        throw new UsageError(command, "--append requires --log");
      }
      if (!context.input.isTerminal()) {
        throw new JError(`standard input is not a terminal; '${instead}' takes files and pipes`);
      }
      using log = options.log === undefined
        ? undefined
        : await untilOpen(LogFile.open(options.log, options.append), context.signal);
      context.output.line(`\nStarting ${device} console ... exit with CTRL+B x 3 times\n`);
      const stream = await open(driver, options, context);
      await converse({ stream, driver, context, log });
    });
}

/** The text for help. */
export const ABOUT_CONSOLE = `Talk to the device in this terminal

Every key goes to the device, Ctrl-C as well. Press Ctrl-B three times to leave.`;

async function open(
  driver: DriverClient,
  { scrollback }: Options,
  { output, signal }: Context,
): Promise<Duplex> {
  const replayed = scrollback ? await openWithScrollback(driver, { signal }) : undefined;
  if (replayed) return replayed;
  if (scrollback) output.note("This driver keeps no scroll-back.");
  return await driver.bytes("connect", { signal });
}

interface Conversation {
  readonly stream: Duplex;
  readonly driver: DriverClient;
  readonly context: Context;
  readonly log: LogFile | undefined;
}

/** Connects the terminal to the device until the user leaves. @throws why it ended earlier */
async function converse({ stream, driver, context, log }: Conversation): Promise<void> {
  const { input, output } = context;
  try {
    using _raw = rawMode();
    const shown = show(stream, context, log);
    const typed = type(stream, input);
    // The error of the side that does not end first is ignored.
    for (const side of [shown, typed]) side.catch(() => {});
    if (await Promise.race([shown, typed]) === "left") return await leave(stream);
  } finally {
    stream.destroy();
    // The device may have left the cursor in the middle of a line.
    if (output.errorIsTerminal) output.note("");
  }
  const why = await lossOf(driver) ?? "the exporter closed the stream";
  throw new JError(`the console has ended: ${why}`);
}

/** Sends what was typed just before leaving, if the device takes it. */
async function leave(stream: Duplex): Promise<void> {
  const sent = new Promise<void>((resolve) => stream.once("close", resolve).end(resolve));
  await fulfilledWithin(LEAVE_MS, sent);
}

async function show(
  stream: Duplex,
  { output }: Context,
  log: LogFile | undefined,
): Promise<"ended"> {
  for await (const chunk of stream) {
    await output.bytes(chunk);
    await log?.write(chunk);
  }
  return "ended";
}

async function type(stream: Duplex, input: Input): Promise<"left"> {
  // Keys are few: the stream buffers them, so that leaving works while the device takes nothing.
  for await (const keys of untilEscape(input)) stream.write(keys);
  return "left";
}

/** Yields the input before the last Ctrl-B of the escape. */
export async function* untilEscape(
  input: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let count = 0;
  for await (const keys of input) {
    for (const [index, key] of keys.entries()) {
      count = key === CTRL_B ? count + 1 : 0;
      if (count === TIMES) {
        if (index > 0) yield keys.subarray(0, index);
        return;
      }
    }
    yield keys;
  }
}
