/** Storage of files: `jumpstarter_driver_opendal.client.OpendalClient`. @module */
import type { DriverClient } from "../../client/driver_client.ts";
import type { Value } from "../../wire/value.ts";
import type { JCommand } from "../command.ts";
import { type ClientCommands, type Context, JError, printResult, subcommand } from "../context.ts";
import { openSink, openSource } from "../transfer_ends.ts";
import { receive, send } from "../transfer.ts";
import { choice, choiceFlag, integer } from "../values.ts";
import { CAPABILITY, METADATA, PRESIGNED_REQUEST, type Shape, shaped } from "./opendal_values.ts";

/** How long closing a file may take, in milliseconds. */
const CLOSE_MS = 10_000;

const ALGORITHMS = ["md5", "sha256"] as const;

/**
 * The official class declares these commands wrongly, so that they do not exist at run time; names,
 * arguments and output are those of its declarations.
 */
export const opendal: ClientCommands = {
  summary: "Storage of files",
  add(command, driver, context) {
    const add = (name: string, text: string) => subcommand(command, driver, name, text);
    addTransfers(add, driver, context);
    addChanges(add, driver, context);
    addQueries(add, driver, context);
    addPresigned(add, driver, context);
  },
};

/** Adds a command to those of the driver. */
type Add = (name: string, text: string) => JCommand;

function addTransfers(add: Add, driver: DriverClient, context: Context): void {
  const write = (path: string, file: string) => writeFile(driver, path, file, context);
  const read = (path: string, file: string) => readFile(driver, path, file, context);
  add("write-bytes", "Write standard input to a path").argument("<path>")
    .action((path: string) => write(path, "-"));
  add("read-bytes", "Print the bytes of a path").argument("<path>")
    .action((path: string) => read(path, "-"));
  add("write-from-path", "Write a local file, or the content of a URL, to a path")
    .argument("<dst>").argument("<src>")
    .action((path: string, file: string) => write(path, file));
  add("read-into-path", "Read a path into a local file")
    .argument("<src>").argument("<dst>")
    .action((path: string, file: string) => read(path, file));
}

async function writeFile(driver: DriverClient, path: string, file: string, context: Context) {
  using source = await openSource(file, context);
  await withFile(driver, path, "wb", context, async (fd) => {
    await send({ driver, context }, source, (resource, bounds) => {
      return driver.call("file_write", [fd, resource], bounds);
    });
  });
}

async function readFile(driver: DriverClient, path: string, file: string, context: Context) {
  using sink = await openSink(file, context);
  await withFile(driver, path, "rb", context, async (fd) => {
    await receive({ driver, context }, sink, (resource, bounds) => {
      return driver.call("file_read", [fd, resource], bounds);
    });
  });
}

/** Does `work` with an open file of the storage, and closes it. */
async function withFile(
  driver: DriverClient,
  path: string,
  mode: "rb" | "wb",
  { signal }: Context,
  work: (fd: Value) => Promise<void>,
): Promise<void> {
  const fd = await driver.call("open", [path, mode], { signal });
  // Without the signal: an interruption must not prevent it.
  const close = () => driver.call("file_close", [fd], { timeoutMs: CLOSE_MS });
  try {
    await work(fd);
  } catch (error) {
    await close().catch(() => {});
    throw error;
  }
  await close();
}

function addChanges(add: Add, driver: DriverClient, { signal }: Context): void {
  const onPath = {
    "remove-all": "Delete everything below a path",
    "create-dir": "Make a folder",
    delete: "Delete a path",
  };
  for (const [name, text] of Object.entries(onPath)) {
    add(name, text).argument("<path>")
      .action(async (path: string) => void await driver.call(methodOf(name), [path], { signal }));
  }
  for (const [name, text] of Object.entries({ copy: "Copy a file", rename: "Rename a file" })) {
    add(name, text).argument("<source>").argument("<target>")
      .action(async (source: string, target: string) => {
        await driver.call(name, [source, target], { signal });
      });
  }
}

function addQueries(add: Add, driver: DriverClient, context: Context): void {
  const { output, signal } = context;
  const print = (value: Value, shape: Shape) => printShaped(value, shape, context);
  add("stat", "Print the metadata of a path").argument("<path>")
    .action(async (path: string) => print(await driver.call("stat", [path], { signal }), METADATA));
  add("capability", "Print what the storage can do")
    .action(async () => print(await driver.call("capability", [], { signal }), CAPABILITY));
  add("hash", "Print the hash of a file").argument("<path>")
    .option(`--algo ${choiceFlag(ALGORITHMS)}`, "[default: sha256]", choice(ALGORITHMS), "sha256")
    .action(async (path: string, { algo }: { algo: string }) => {
      printResult(context, await driver.call("hash", [path, algo], { signal }));
    });
  add("exists", "Fail unless there is such a path").argument("<path>")
    .action(async (path: string) => {
      const found = await driver.call("exists", [path], { signal });
      if (context.json) output.json(found);
      if (!found) throw new JError(`path ${path} does not exist`);
    });
  const lists = { list: "List a folder", scan: "List a folder and all below it" };
  for (const [name, text] of Object.entries(lists)) {
    add(name, text).argument("<path>").action(async (path: string) => {
      for await (const entry of driver.stream(name, [path], { signal })) {
        printResult(context, entry);
      }
    });
  }
}

function addPresigned(add: Add, driver: DriverClient, context: Context): void {
  for (const operation of ["stat", "read", "write"]) {
    add(`presign-${operation}`, `Print a request that allows anyone to ${operation} a path`)
      .argument("<path>")
      .requiredOption("--expire-second <INTEGER>", "Seconds that it is valid  [required]", integer)
      .action(async (path: string, { expireSecond }: { expireSecond: number }) => {
        const { signal } = context;
        const method = `presign_${operation}`;
        const request = await driver.call(method, [path, expireSecond], { signal });
        printShaped(request, PRESIGNED_REQUEST, context);
      });
  }
}

function methodOf(command: string): string {
  return command.replaceAll("-", "_");
}

function printShaped(value: Value, shape: Shape, context: Context): void {
  const document = shaped(value, shape);
  printResult(context, document, JSON.stringify(document, null, 2));
}
