/** `j`: runs a command of a driver, as a client of an exporter. @module */
import { BROKEN_PIPE } from "../base/standard_streams.ts";
import { CommanderError } from "commander";
import { localSockets } from "../client/local/sockets.ts";
import type { DriverClient } from "../client/driver_client.ts";
import { messageOf } from "../wire/error.ts";
import { VERSION } from "../about/version.ts";
import { type AddressOptions, chooseTarget, type Environment } from "./address.ts";
import { COMPLETE, complete, offerExporters, wordsBefore } from "./complete.ts";
import { JCommand, UsageError } from "./command.ts";
import { type Context, Ended, type Input, JError } from "./context.ts";
import { addDriver, addLogLevel } from "./drivers.ts";
import { addGeneric } from "./generic/mod.ts";
import { usageOf } from "./help.ts";
import { standardInput } from "./input.ts";
import { endingSoonAfter, Interrupted, untilInterrupted } from "./interrupt.ts";
import { Output } from "./output.ts";
import { explainLoss, openSession } from "./session.ts";

/** Exit codes that shells report for programs that SIGINT and SIGPIPE end. */
const CTRL_C = 130;

const NO_EXPORTER =
  "no exporter is named: run j in 'jmp shell' or a hook, where JUMPSTARTER_HOST " +
  "is set, or use --exporter NAME or --tls-grpc HOST:PORT";

interface Options extends AddressOptions {
  readonly json?: boolean;
}

/** Runs the command that `args` name and returns the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  using interruption = untilInterrupted();
  const { signal } = interruption;
  const output = new Output();
  reportStrayErrors(output);
  return await runJ(args, {
    output,
    input: standardInput(),
    signal,
    env: (name) => Deno.env.get(name),
  });
}

/** Reports errors that no code catches, without a stack, and ends the process. */
function reportStrayErrors(output: Output): void {
  const end = (event: Event, error: unknown) => {
    event.preventDefault();
    Deno.exit(report(error, output));
  };
  globalThis.addEventListener("unhandledrejection", (event) => end(event, event.reason));
  globalThis.addEventListener("error", (event) => end(event, event.error));
}

/** The parts of the process that a run uses. */
export interface Surroundings {
  readonly output: Output;
  readonly input: Input;
  /** Ends the run; its reason should be {@linkcode Interrupted}. */
  readonly signal: AbortSignal;
  readonly env: Environment;
}

/** Runs a command in given surroundings. Prints errors, and never throws. */
export async function runJ(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const { output, signal } = surroundings;
  try {
    await run(args, surroundings);
    return 0;
  } catch (error) {
    return report(signal.aborted && !(error instanceof Ended) ? signal.reason : error, output);
  }
}

async function run(given: readonly string[], surroundings: Surroundings): Promise<void> {
  const { output, input, signal, env } = surroundings;
  const completion = given[0] === COMPLETE ? given.slice(1) : undefined;
  const args = completion ? wordsBefore(completion.slice(1)) : given;
  const root = rootCommand(output);
  const { operands } = root.parseOptions([...args]);
  const options = root.opts<Options>();
  const context: Context = {
    output,
    input,
    signal,
    get json() {
      return root.opts<Options>().json ?? false;
    },
  };
  const target = completion
    ? await chooseTarget(options, env).catch(() => undefined)
    : await chooseTarget(options, env);
  if (completion) offerExporters(root, await localSockets({ env }));
  if (!target && completion) return complete(root, completion, undefined, output);
  if (!target) return await withoutExporter(root, args, operands);
  const opened = await openSession(target, signal);
  await using session = opened.session;
  try {
    await withExporter({ root, args, context, completion, driver: opened.root });
  } catch (error) {
    throw await explainLoss(error, session);
  }
}

interface Invocation {
  readonly root: JCommand;
  readonly args: readonly string[];
  readonly context: Context;
  /** The words to complete; undefined for a run. */
  readonly completion: readonly string[] | undefined;
  /** The root of the drivers. */
  readonly driver: DriverClient;
}

async function withExporter(invocation: Invocation): Promise<void> {
  const { root, args, context, completion, driver } = invocation;
  if (driver.description !== "") root.description(driver.description);
  const handover = await addDriver(root, driver, args, context);
  addGeneric(root, driver, context);
  if (completion) return complete(root, completion, driver, context.output);
  if (handover) await handover();
  await endingSoonAfter(context.signal, root.parseAsync(args, { from: "user" }));
}

function rootCommand(output: Output): JCommand {
  const root = new JCommand("j").description("Commands of the drivers of an exporter")
    .passThroughOptions();
  addLogLevel(root);
  root
    .option("--json", "Print results as JSON")
    .option("--exporter <NAME>", "Talk to an exporter that runs on this host")
    .option(
      "--force",
      "With --exporter: use the drivers during the lease of a client, who sees it in the log",
    )
    .option("--tls-grpc <HOST:PORT>", "Talk to an exporter that serves clients directly")
    .option("--tls-grpc-insecure", "Without TLS")
    .option("--tls-ca <FILE>", "Trust the certificates in this file (PEM)")
    .option("--passphrase <TEXT>", "Passphrase of the exporter; other users can see it")
    .option("--passphrase-file <FILE>", "File with the passphrase; or set JMP_GRPC_PASSPHRASE")
    .version(`j ${VERSION}`, "--version", "Print the version")
    .configureOutput({
      writeOut: (text) => output.line(text.trimEnd()),
      writeErr: (text) => output.note(text.trimEnd()),
    });
  return root;
}

/** Only help and version need no exporter. */
async function withoutExporter(
  root: JCommand,
  args: readonly string[],
  operands: readonly string[],
): Promise<void> {
  root.addHelpText("after", `\n${NO_EXPORTER}\n`);
  if (operands.length > 0) throw new JError(NO_EXPORTER);
  await root.parseAsync(args, { from: "user" });
  root.help({ error: true });
}

/** Prints why a run failed, and returns the exit code. */
function report(error: unknown, output: Output): number {
  if (error instanceof CommanderError) return error.exitCode;
  if (error instanceof Interrupted) {
    // The next line begins below the ^C that the terminal shows.
    if (error.code === CTRL_C && output.canRedraw) output.redraw("\n");
    return error.code;
  }
  if (error instanceof Ended) return error.code;
  if (error instanceof Deno.errors.BrokenPipe) return BROKEN_PIPE;
  if (error instanceof UsageError) {
    output.say(`${usageOf(error.command)}\nTry '${error.command.path} --help' for help.\n`);
  }
  output.error(`Error: ${messageOf(error)}`);
  return error instanceof JError ? error.code : 1;
}
