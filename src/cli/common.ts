/** What all commands share: errors, logs, output. @module */
import type { Command } from "commander";
import { Log, type Severity, stderrSink } from "../log/log.ts";
import { printableDocument, printableLines } from "../text/printable.ts";
import { redacted } from "../text/secrets.ts";

/** A mistake of the user or of the world: printed as it is, without a stack. */
export class CliError extends Error {
  override name = "CliError";

  /** @param code what the process exits with */
  constructor(message: string, readonly code = 1) {
    super(message);
  }
}

/** The log that the global options ask for. */
export function openLog(command: Command): Log {
  const { logLevel, logFormat } = command.optsWithGlobals<
    { logLevel: Severity; logFormat: string }
  >();
  const json = logFormat === "json" || (logFormat === "auto" && !Deno.stderr.isTerminal());
  return new Log([stderrSink({ level: logLevel, format: json ? "json" : "text" })]);
}

/** Prints a document to standard output, where the command's result goes. */
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
