/** Reads and checks the passphrase of direct mode. @module */
import type { Env } from "../config/folders.ts";
import { credentialFile } from "../config/credentials.ts";
import { octal } from "../files/trust.ts";
import type { Log } from "../log/log.ts";
import { headerProblem } from "../wire/passphrase.ts";
import { CliError } from "./common.ts";
import type { SmallFile } from "../files/small_file.ts";
import { readOptionFile } from "./option_file.ts";

/** The options that give a passphrase. */
export interface PassphraseOptions {
  readonly passphrase?: string;
  readonly passphraseFile?: string;
}

/** Official clients send it in a header, and headers are limited to a few KiB. */
const MAX_LENGTH = 1024;

/** The longest passphrase and a line break. */
const MAX_BYTES = MAX_LENGTH + 2;

/** The name of the file in systemd's $CREDENTIALS_DIRECTORY. */
const CREDENTIAL = "passphrase";

interface Given {
  readonly source: string;
  readonly text: string;
}

/**
 * Returns the passphrase from the options, the environment or systemd's credentials; undefined if
 * none of them has one.
 *
 * @throws {CliError} if two of them differ, or one is not a usable passphrase.
 */
export async function readPassphrase(
  options: PassphraseOptions,
  env: Env,
  log: Log,
): Promise<string | undefined> {
  const given = [
    ...fromArgument(options, log),
    ...await fromFile(options, env, log),
    ...fromVariable("JMP_PASSPHRASE", env),
    ...await fromCredential(env, log),
  ];
  // Only if there is no other: official clients read theirs from this variable, which may differ.
  if (given.length === 0) given.push(...fromVariable("JMP_GRPC_PASSPHRASE", env));
  for (const each of given) requireUsable(each);
  const [first, ...others] = given;
  const other = others.find(({ text }) => text !== first!.text);
  if (other) {
    throw new CliError(
      `${first!.source} and ${other.source} give different passphrases: leave out one of them`,
    );
  }
  return first?.text;
}

function fromVariable(name: string, env: Env): Given[] {
  const text = env[name];
  return text === undefined ? [] : [{ source: name, text }];
}

function fromArgument({ passphrase }: PassphraseOptions, log: Log): Given[] {
  if (passphrase === undefined) return [];
  log.warning(
    "--passphrase: every user of this host can read it in the process list; use " +
      "--passphrase-file or JMP_PASSPHRASE instead",
  );
  return [{ source: "--passphrase", text: passphrase }];
}

async function fromFile(
  { passphraseFile }: PassphraseOptions,
  env: Env,
  log: Log,
): Promise<Given[]> {
  if (passphraseFile === undefined) return [];
  const path = await credential(passphraseFile, env) ?? passphraseFile;
  return [fileText(await readOptionFile(path, "--passphrase-file", MAX_BYTES), log)];
}

async function fromCredential(env: Env, log: Log): Promise<Given[]> {
  const path = await credential(CREDENTIAL, env);
  if (path === undefined) return [];
  return [fileText(await readOptionFile(path, "systemd's credential", MAX_BYTES), log)];
}

/** Returns the path of the credential `name` if systemd provides it. */
async function credential(name: string, env: Env): Promise<string | undefined> {
  const path = credentialFile(name, env);
  return path && await Deno.stat(path).then(() => path, () => undefined);
}

/** Returns the passphrase in a file, without the line break that editors add. */
function fileText({ path, bytes, mode = 0 }: SmallFile, log: Log): Given {
  if (mode & 0o002) {
    throw new CliError(
      `Refusing the passphrase in ${path}: all users of this host can change it (mode ` +
        `${octal(mode)}); run: chmod o= ${path}`,
    );
  }
  if (mode & 0o004) {
    log.warning(
      `All users of this host can read the passphrase in ${path} (mode ${octal(mode)}); ` +
        `run: chmod o= ${path}`,
    );
  }
  return { source: path, text: new TextDecoder().decode(bytes).replace(/\r?\n$/, "") };
}

/** Refuses a passphrase that clients cannot send, or that anybody would guess. */
function requireUsable({ source, text }: Given): void {
  const problem = problemOf(text);
  if (problem) throw new CliError(`Cannot use the passphrase from ${source}: ${problem}`);
}

/** Describes what is wrong with a passphrase, without showing it. */
function problemOf(text: string): string | undefined {
  if (text === "") {
    return "expected a passphrase, found nothing (an unset variable?); to accept every client, " +
      "leave it out and give --unsafe-no-auth";
  }
  if (text.trim() === "") return "expected a passphrase, found only blanks";
  if (text.length > MAX_LENGTH) {
    return `expected at most ${MAX_LENGTH} characters, found ${text.length}`;
  }
  return headerProblem(text);
}
