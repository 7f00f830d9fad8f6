/** `j call`: any method of any driver. @module */
import type { DriverClient } from "../../client/driver_client.ts";
import { isMissingMethod } from "../../client/missing_method.ts";
import { didYouMean } from "../../text/nearest.ts";
import { messageOf } from "../../wire/error.ts";
import type { Value } from "../../wire/value.ts";
import type { JCommand } from "../command.ts";
import { type Context, JError } from "../context.ts";
import { findDriver } from "../driver_path.ts";

/** Adds the arguments and the action of `call` to `command`. */
export function addCall(command: JCommand, root: DriverClient, context: Context): void {
  command.description(ABOUT).summary("Call a method of a driver")
    .showJson()
    .argument("<driver>").argument("<method>").argument("[json...]")
    .passThroughOptions()
    .action(async (path: string, method: string, words: string[]) => {
      const driver = findDriver(root, path);
      for await (const value of results({ driver, path, method, words, context })) {
        if (value !== null || context.json) context.output.json(value);
      }
    });
}

const ABOUT = `Call a method of a driver, and print its results as JSON, one per line.

DRIVER is a path with dots or slashes, as 'board.power'. An argument that is not JSON is passed as
text: on is text, 5 is a number, and '"5"' is text. A result of null is printed only with --json,
which stands before DRIVER.`;

interface Call {
  readonly driver: DriverClient;
  readonly path: string;
  readonly method: string;
  readonly words: readonly string[];
  readonly context: Context;
}

/**
 * Calls the method as one with a single result, then as one with many: each kind of call reaches
 * methods of its own kind only, so a method never runs twice.
 */
async function* results(call: Call): AsyncGenerator<Value> {
  const { driver, method, words, context: { signal } } = call;
  const args = words.map(argument);
  const refused = await firstRefusal(async () => await driver.call(method, args, { signal }));
  if ("value" in refused) return yield refused.value;
  const values = driver.stream(method, args, { signal })[Symbol.asyncIterator]();
  const first = await firstRefusal(async () => await values.next());
  if ("error" in first) throw noSuchMethod(call, refused.error);
  for (let next = first.value; !next.done; next = await values.next()) yield next.value;
}

function argument(word: string): unknown {
  try {
    return JSON.parse(word);
  } catch {
    return word;
  }
}

/** The result, or the error of a driver that has no such method of this kind. */
async function firstRefusal<T>(ask: () => Promise<T>): Promise<{ value: T } | { error: unknown }> {
  try {
    return { value: await ask() };
  } catch (error) {
    if (!isMissingMethod(error)) throw error;
    return { error };
  }
}

/** Exporters say "missing marker" when the method is one of another kind. */
function noSuchMethod({ driver, path, method }: Call, error: unknown): JError {
  const said = messageOf(error);
  if (said.includes("missing marker")) {
    return new JError(`${method} of ${path} is a byte stream: use 'j stream ${path} ${method}'`);
  }
  if (said.includes("did you mean")) return new JError(said);
  return new JError(`${said}${didYouMean(method, Object.keys(driver.methodsDescription))}`);
}
