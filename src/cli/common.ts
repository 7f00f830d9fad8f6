/** What all commands share: errors, logs, output. @module */
import type { Command } from "commander";
import { tryToWrite, writeAllSync } from "../base/standard_streams.ts";
import { messageOf } from "../wire/error.ts";
import { Log, type Severity, stderrSink } from "../log/log.ts";
import { printableDocument, printableLines } from "../text/printable.ts";
import { redacted } from "../text/secrets.ts";

/** An error of the user or of the environment: printed without a stack trace. */
export class CliError extends Error {
  override name = "CliError";

  /** @param code the exit code of the process */
  constructor(message: string, readonly code = 1) {
    super(message);
  }
}

/** Opens the log that the global options configure. */
export function openLog(command: Command): Log {
  const { logLevel, logFormat } = command.optsWithGlobals<
    { logLevel: Severity; logFormat: string }
  >();
  const json = logFormat === "json" || (logFormat === "auto" && !Deno.stderr.isTerminal());
  return new Log([stderrSink({ level: logLevel, format: json ? "json" : "text" })]);
}

/** Prints the result of a command to standard output. @throws {CliError} when it cannot be written */
export function print(text: string): void {
  try {
    writeAllSync(Deno.stdout, encode(printableDocument(text)));
  } catch (error) {
    throw error instanceof Deno.errors.BrokenPipe ? error : new CliError(messageOf(error));
  }
}

/** Prints a message to standard error, as much of it as can be written. */
export function printError(message: string): void {
  tryToWrite(Deno.stderr, encode(printableLines(redacted(message))));
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(`${text}\n`);
}
