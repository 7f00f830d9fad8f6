/** Loads an exporter config from its file. Touches no hardware. @module */
import { decodeText, Undecodable } from "./encoding.ts";
import { readSmallFile, UnreadableFile } from "../files/small_file.ts";
import { parseConfig, type ParsedConfig, type ParseOptions } from "./parse.ts";

/** Largest config in bytes; a bench with a hundred drivers has some ten thousand. */
const MAX_FILE = 4 * 1024 * 1024;

/** A config file without readable text. */
export class UnreadableConfig extends Error {
  override name = "UnreadableConfig";
}

/**
 * Reads and parses the config in `file`. Mistakes in its text are diagnostics.
 *
 * @throws {UnreadableConfig} if the file has no readable text.
 */
export async function loadConfig(file: string, options: ParseOptions): Promise<ParsedConfig> {
  return await parseConfig(await readText(file), file, options);
}

async function readText(file: string): Promise<string> {
  try {
    const { bytes } = await readSmallFile(file, MAX_FILE);
    return decodeText(bytes);
  } catch (error) {
    throw new UnreadableConfig(`cannot read the config '${file}': ${reason(error)}`);
  }
}

function reason(error: unknown): string {
  if (error instanceof UnreadableFile || error instanceof Undecodable) return error.message;
  throw error;
}
