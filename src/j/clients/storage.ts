/** Storage that the host and the device under test share: `StorageMuxClient`. @module */
import { messageOf } from "../../wire/error.ts";
import { type ClientCommands, JError, subcommand } from "../context.ts";
import { isUrl, openSink, openSource } from "../transfer_ends.ts";
import { receive, send, type Transfer } from "../transfer.ts";

/** How long giving the storage back to the device may take, in milliseconds. */
const GIVE_BACK_MS = 60_000;

const SWITCHES = {
  host: "Connect the storage to the host",
  dut: "Connect the storage to the device",
  off: "Disconnect the storage",
};

/** `jumpstarter_driver_opendal.client.StorageMuxClient` */
export const storageMux: ClientCommands = {
  summary: "Storage that the host and the device share",
  add(command, driver, context) {
    const { signal } = context;
    for (const [method, text] of Object.entries(SWITCHES)) {
      subcommand(command, driver, method, text)
        .action(async () => void await driver.call(method, [], { signal }));
    }
    const transfer = { driver, context };
    subcommand(command, driver, "write-local-file", "Write a file to the storage")
      .argument("<file>")
      .action((file: string) => writeLocalFile(file, transfer));
    subcommand(command, driver, "read-local-file", "Read the storage into a file")
      .argument("<file>")
      .action((file: string) => readLocalFile(file, transfer));
  },
};

async function writeLocalFile(file: string, transfer: Transfer): Promise<void> {
  refuseUrl(file);
  using source = await openSource(file, transfer.context);
  const { driver } = transfer;
  await send(transfer, source, (image, bounds) => driver.call("write", [image], bounds));
}

async function readLocalFile(file: string, transfer: Transfer): Promise<void> {
  refuseUrl(file);
  using sink = await openSink(file, transfer.context);
  const { driver } = transfer;
  await receive(transfer, sink, (image, bounds) => driver.call("read", [image], bounds));
}

function refuseUrl(file: string): void {
  if (isUrl(file)) throw new JError(`expected a local file, found a URL: ${file}`);
}

/**
 * Does `work` while the storage is at the host, and gives it to the device afterwards, whether the
 * work was done, failed or was interrupted.
 */
export async function atHost(
  { driver, context: { signal, output } }: Transfer,
  work: () => Promise<void>,
): Promise<void> {
  // Without the signal: an interruption must not prevent it.
  const giveBack = () => driver.call("dut", [], { timeoutMs: GIVE_BACK_MS });
  let switched = false;
  try {
    await driver.call("host", [], { signal });
    switched = true;
    await work();
  } catch (error) {
    await giveBack().catch((problem) => {
      // If the first call failed, this one fails for the same reason.
      if (switched) output.say(`The storage may still be at the host: ${messageOf(problem)}`);
    });
    throw error;
  }
  await giveBack();
}
