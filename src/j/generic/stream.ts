/** `j stream`: the bytes of any driver. @module */
import { type Duplex, Readable } from "node:stream";
import type { DriverClient } from "../../client/driver_client.ts";
import { messageOf } from "../../wire/error.ts";
import type { JCommand } from "../command.ts";
import { type Context, JError } from "../context.ts";
import { findDriver } from "../driver_path.ts";

/** Adds the arguments and the action of `stream` to `command`. */
export function addStream(command: JCommand, root: DriverClient, context: Context): void {
  command.description(ABOUT).summary("Connect standard input and output to a driver")
    .argument("<driver>").argument("[method]")
    .action(async (path: string, method = "connect") => {
      const driver = findDriver(root, path);
      const opening = driver.bytes(method, { signal: context.signal });
      await relay(await opening.catch((error) => explain(error, path, method)), context);
    });
}

const ABOUT = `Connect standard input and output to a byte stream of a driver.

DRIVER is a path with dots or slashes, as 'board.serial'; METHOD is "connect" by default. The end
of standard input is passed on; the command ends when the driver ends the stream.`;

/** Exporters say "missing marker" when the method is one of another kind. */
function explain(error: unknown, path: string, method: string): never {
  if (!messageOf(error).includes("missing marker")) throw error;
  throw new JError(`${method} of ${path} is not a byte stream: use 'j call ${path} ${method}'`);
}

/** Passes bytes both ways, until the driver has ended the stream and takes no more. */
async function relay(stream: Duplex, { input, output }: Context): Promise<void> {
  const source = Readable.from(input);
  source.on("error", (error) => stream.destroy(error));
  source.pipe(stream);
  const closed = new Promise<void>((resolve) => stream.once("close", resolve));
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) await output.bytes(chunk);
  // Nobody at a terminal should have to end an input that may no longer be read.
  if (!input.isTerminal()) await closed;
  if (stream.errored) throw stream.errored;
}
