/** `pipe`: copies between a serial port and standard input and output, or a file. @module */
import { type Duplex, Readable } from "node:stream";
import type { DriverClient } from "../../client/driver_client.ts";
import { LogFile } from "../../client/log_file.ts";
import { flush, lossOf } from "../../client/serial_port.ts";
import { type JCommand, plainFlag, UsageError } from "../command.ts";
import { type Context, type Input, JError } from "../context.ts";
import { untilOpen } from "../transfer_ends.ts";

interface Options {
  readonly output?: string;
  readonly input?: boolean;
  readonly noInput?: boolean;
  readonly append?: boolean;
  readonly noOutput?: boolean;
}

/** Adds the options and the action of `pipe` to `command`. */
export function addPipe(command: JCommand, driver: DriverClient, context: Context): void {
  command
    .option("-o, --output <PATH>", "Write to a file, not to standard output")
    .option("-i, --input", "Send standard input, even that of a terminal")
    .addOption(plainFlag("--no-input", "Send nothing"))
    .option("-a, --append", "Append to the file of --output")
    .addOption(plainFlag("--no-output", "Send standard input only, and end with it"))
    .action(async (options: Options) => {
      const sends = options.input ?? !(options.noInput || context.input.isTerminal());
      check(command, options, sends);
      context.output.note(describe(options, sends));
      await copy(driver, options, sends, context);
      const loss = await lossOf(driver);
      if (loss !== undefined) throw new JError(`the serial connection was lost: ${loss}`);
      if (!options.noOutput) context.output.note("\nThe serial connection has ended.");
    });
}

async function copy(
  driver: DriverClient,
  options: Options,
  sends: boolean,
  context: Context,
): Promise<void> {
  const { input, signal } = context;
  const stream = await driver.bytes("connect", { signal });
  try {
    if (options.noOutput) {
      await send(stream.resume(), input);
      return await flush(driver, { signal });
    }
    if (sends) send(stream, input).catch((error) => stream.destroy(error));
    await receive(stream, options, context);
  } finally {
    stream.destroy();
  }
}

function check(command: JCommand, options: Options, sends: boolean): void {
  const { output, input, noInput, append, noOutput } = options;
  const refuse = (message: string) => {
    throw new UsageError(command, message);
  };
  if (input && noInput) refuse("Cannot use both --input and --no-input");
  if (noOutput && output !== undefined) refuse("Cannot use both --no-output and --output");
  if (noOutput && append) refuse("Cannot use both --no-output and --append");
  if (append && output === undefined) refuse("--append requires --output");
  if (noOutput && !sends) refuse("--no-output requires standard input: a pipe, a file, or --input");
}

/** The message about what is copied where. */
function describe({ output = "standard output", noOutput }: Options, sends: boolean): string {
  const sent = "standard input to the serial port";
  if (noOutput) return `Copying ${sent}, until it ends.`;
  const received = `the serial port to ${output}`;
  return `Copying ${sends ? `${sent}, and ` : ""}${received}; Ctrl-C ends this.`;
}

/** Sends all of `input`, and its end; resolves when the connection has taken it. */
async function send(stream: Duplex, input: Input): Promise<void> {
  const source = Readable.from(input);
  const sent = new Promise<void>((resolve, reject) => {
    source.once("error", reject);
    stream.once("finish", resolve).once("close", () => {
      if (stream.errored) reject(stream.errored);
      else resolve();
    });
  });
  source.pipe(stream);
  await sent;
}

async function receive(
  stream: Duplex,
  options: Options,
  { output, signal }: Context,
): Promise<void> {
  if (options.output === undefined) {
    for await (const chunk of stream) await output.bytes(chunk);
    return;
  }
  using file = await untilOpen(LogFile.open(options.output, options.append), signal);
  for await (const chunk of stream) await file.write(chunk);
}
