/** The exporter's token: in the config, or in a separate file. @module */
import { basename, dirname, join, resolve } from "node:path";
import { readSmallFile, UnreadableFile } from "../files/small_file.ts";
import { octal } from "../files/trust.ts";
import { keepSecret } from "../text/secrets.ts";
import { messageOf } from "../wire/error.ts";
import type { Env } from "./folders.ts";
import type { ExporterConfig } from "./exporter_config.ts";
import { MAX_TOKEN, tokenProblem } from "./schema/token.ts";

/** Largest file of a token, in bytes. */
const MAX_FILE = 4 * MAX_TOKEN;

/**
 * Paths of `tokenFile` to try in order: a bare name in systemd's $CREDENTIALS_DIRECTORY first,
 * then relative to the config.
 */
export function tokenFiles(tokenFile: string, configFile: string, env: Env): string[] {
  const beside = resolve(dirname(configFile), tokenFile);
  const credential = credentialFile(tokenFile, env);
  return credential === undefined ? [beside] : [credential, beside];
}

/** Path of the systemd credential `name`; undefined without credentials, or if `name` is a path. */
export function credentialFile(name: string, env: Env): string | undefined {
  const folder = env.CREDENTIALS_DIRECTORY;
  return folder && basename(name) === name ? join(folder, name) : undefined;
}

/**
 * The current token: files are read on each call, because tokens are rotated.
 *
 * @throws {Error} if there is none, or it cannot be read or used.
 */
export async function readToken(
  config: Pick<ExporterConfig, "file" | "token" | "tokenFiles">,
): Promise<string> {
  if (config.token !== undefined) return config.token;
  if (config.tokenFiles.length === 0) {
    throw new Error(
      `Cannot find a token: expected 'token' or 'tokenFile' in ${config.file} or JMP_TOKEN in the ` +
        "environment, found neither; ask the controller's administrator for one",
    );
  }
  const { file, text } = await readFirst(config.tokenFiles);
  const token = text.trim();
  keepSecret(token);
  const problem = tokenProblem(token);
  if (problem) throw new Error(`Cannot use the token in ${file}: ${problem}`);
  return token;
}

/**
 * The problem with the permissions of a file that holds a token, or undefined. A missing file
 * is no problem: it may be created later.
 */
export async function tokenFileProblem(file: string): Promise<string | undefined> {
  const mode = await Deno.stat(file).then((info) => info.isFile ? info.mode : null, () => null);
  if (mode === null || (mode & 0o006) === 0) return undefined;
  const may = mode & 0o002 ? "change" : "read";
  return `expected only the exporter's user to be able to ${may} the token in ${file}, ` +
    `found mode ${octal(mode)}, which allows it to everybody; run: chmod o= ${file}`;
}

/** Reads the first of `files` that exists. */
async function readFirst(files: readonly string[]): Promise<{ file: string; text: string }> {
  for (const file of files) {
    try {
      const { bytes } = await readSmallFile(file, MAX_FILE);
      return { file, text: new TextDecoder().decode(bytes) };
    } catch (error) {
      if (error instanceof UnreadableFile && error.cause instanceof Deno.errors.NotFound) continue;
      throw new Error(`Cannot read the token in ${file}: ${messageOf(error)}`, { cause: error });
    }
  }
  throw new Error(
    `Cannot find the token: expected it in ${files.join(" or ")}, found no such file; ` +
      "check 'tokenFile'",
  );
}
