/** Reads files that an option names: certificates, keys, secrets. @module */
import { readSmallFile, type SmallFile, UnreadableFile } from "../files/small_file.ts";
import { CliError } from "./common.ts";

/**
 * Reads the file `path` that the option `flag` names.
 *
 * @param limit the largest plausible size in bytes.
 * @throws {CliError} naming the option and the file, if the file cannot be read.
 */
export async function readOptionFile(
  path: string,
  flag: string,
  limit: number,
): Promise<SmallFile> {
  try {
    return await readSmallFile(path, limit);
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error;
    throw new CliError(`${flag}: cannot read ${path}: ${error.message}`);
  }
}
