/** What all commands share: errors, logs, output. @module */
import type { Command } from "commander";
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

/** Prints the result of a command to standard output. */
export function print(text: string): void {
  writeAll(Deno.stdout, `${printableDocument(text)}\n`);
}

/** Prints a message to standard error. */
export function printError(message: string): void {
  writeAll(Deno.stderr, `${printableLines(redacted(message))}\n`);
}

function writeAll(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  let rest = new TextEncoder().encode(text);
  while (rest.length > 0) rest = rest.subarray(stream.writeSync(rest));
}
