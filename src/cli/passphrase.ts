/** The passphrase of direct mode: where it may come from, and what it may be. @module */
import type { Env } from "../config/folders.ts";
import { credentialFile } from "../config/credentials.ts";
import { octal } from "../files/trust.ts";
import type { Log } from "../log/log.ts";
import { CliError } from "./common.ts";
import type { SmallFile } from "../files/small_file.ts";
import { readOptionFile } from "./option_file.ts";

/** The options that give a passphrase. */
export interface PassphraseOptions {
  readonly passphrase?: string;
  readonly passphraseFile?: string;
}

/** Official clients send it in a header, and headers are limited to some KiB. */
const MAX_LENGTH = 1024;

/** Room for a line break. */
const MAX_BYTES = MAX_LENGTH + 2;

/** The file that is looked for in systemd's $CREDENTIALS_DIRECTORY. */
const CREDENTIAL = "passphrase";

interface Given {
  readonly source: string;
  readonly text: string;
}

/**
 * The passphrase that the options, the environment, or systemd give; undefined where none
 * does.
 *
 * @throws {CliError} when two of them contradict each other, or one is no passphrase.
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
  // Official clients look there for theirs; the exporter does not, so it contradicts nothing.
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
    "--passphrase: every user of this host can read it in the list of processes; " +
      "--passphrase-file and JMP_PASSPHRASE keep it to the exporter's user",
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

/** The path of a credential that systemd provides, if it does. */
async function credential(name: string, env: Env): Promise<string | undefined> {
  const path = credentialFile(name, env);
  return path && await Deno.stat(path).then(() => path, () => undefined);
}

/** The passphrase without the line break that editors add. */
function fileText({ path, bytes, mode = 0 }: SmallFile, log: Log): Given {
  if (mode & 0o002) {
    throw new CliError(
      `Refusing the passphrase in ${path}: everybody may change it (mode ${octal(mode)}); ` +
        `run: chmod o= ${path}`,
    );
  }
  if (mode & 0o004) {
    log.warning(
      `Expected only the exporter's user to read the passphrase in ${path}, found that everybody ` +
        `may (mode ${octal(mode)}); run: chmod o= ${path}`,
    );
  }
  return { source: path, text: new TextDecoder().decode(bytes).replace(/\r?\n$/, "") };
}

/**
 * What clients can send: gRPC metadata is printable ASCII, and a header of HTTP/2 neither begins
 * nor ends with a blank (RFC 9113, 8.2.1).
 */
function requireUsable({ source, text }: Given): void {
  const problem = problemOf(text);
  if (problem) throw new CliError(`Cannot use the passphrase of ${source}: ${problem}`);
}

/** Never shows the passphrase. */
function problemOf(text: string): string | undefined {
  if (text === "") {
    return "expected a passphrase, found nothing (an unset variable?); to let everybody in, leave " +
      "it out and say --unsafe-no-auth";
  }
  if (text.trim() === "") return "expected a passphrase, found only blanks";
  if (text.length > MAX_LENGTH) {
    return `expected at most ${MAX_LENGTH} characters, found ${text.length}`;
  }
  if (/[\r\n]/.test(text)) return "expected one line, found several";
  if (!/^[\x20-\x7e]+$/.test(text)) {
    return "expected printable ASCII characters, found others, which clients cannot send";
  }
  if (text.trim() !== text) {
    return "expected no blanks at its beginning and end, found some, which HTTP/2 does not allow";
  }
  return undefined;
}
