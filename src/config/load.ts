/** Loads an exporter config from its file. Touches no hardware. @module */
import { readAtMost } from "../files/read_at_most.ts";
import { messageOf } from "../wire/error.ts";
import { parseConfig, type ParsedConfig, type ParseOptions } from "./parse.ts";

/** Largest config in bytes; a bench with a hundred drivers has some ten thousand. */
const MAX_FILE = 4 * 1024 * 1024;

/** Reads the config in `file`. Never throws: mistakes are in the diagnostics. */
export async function loadConfig(file: string, options: ParseOptions): Promise<ParsedConfig> {
  let text: string | undefined;
  try {
    const bytes = await readAtMost(file, MAX_FILE);
    if (!bytes) return failure(file, `expected a config of at most ${MAX_FILE} bytes, found more`);
    text = decode(bytes);
  } catch (error) {
    return failure(file, `expected a file to read, found: ${messageOf(error)}`);
  }
  if (text !== undefined) return await parseConfig(text, file, options);
  return failure(file, "expected UTF-8 text, found other bytes; save the file as UTF-8");
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function failure(file: string, message: string): ParsedConfig {
  return { diagnostics: [{ severity: "error", file, line: 1, column: 1, path: "", message }] };
}
