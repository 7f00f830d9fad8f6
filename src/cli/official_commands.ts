/**
 * The commands and options of the official client, whose program is called `jmp` as well:
 * they are refused with where to get it. The lists are those of jumpstarter-cli 0.9.0.
 *
 * @module
 */
import { type Command, Option } from "commander";
import { CliError } from "./common.ts";

/** Where the official client comes from. */
export const OFFICIAL_CLIENT = "the official client (pip install jumpstarter-cli)";

/** Commands of the official program that this one does not have. */
export const OFFICIAL_COMMANDS: readonly string[] = [
  "admin",
  "auth",
  "config",
  "create",
  "delete",
  "driver",
  "get",
  "login",
  "mcp",
  "update",
];

/** Options of the official `jmp shell` that lease or dial a remote exporter. */
const SHELL_OPTIONS = [
  "--client [alias]",
  "--client-config [file]",
  "--lease [name]",
  "-l, --selector [labels]",
  "-n, --name [exporter]",
  "--duration [time]",
  "--exporter-logs",
  "--acquisition-timeout [time]",
  "--dial-timeout [time]",
  "--retry-timeout [time]",
  "--tls-grpc [address]",
  "--tls-grpc-insecure",
  "--passphrase [text]",
].map((flags) => new Option(flags).hideHelp());

/** The closing lines of `--help`. */
export const OFFICIAL_HELP = `
Another program called jmp is ${OFFICIAL_CLIENT}.
It has the commands ${OFFICIAL_COMMANDS.join(", ")}.`;

/** The exit code of a mistake of usage, as for the parser's own errors. */
const EXIT_USAGE = 2;

/** @throws {CliError} when `name` is a command of the official client alone. */
export function refuseOfficialCommand(name: string | undefined): void {
  if (name === undefined || !OFFICIAL_COMMANDS.includes(name)) return;
  throw new CliError(
    `'${name}' is a command of ${OFFICIAL_CLIENT}; this program, also called jmp, is the exporter`,
    EXIT_USAGE,
  );
}

/** Lets `shell` parse the official options, for `refuseOfficialOptions`; its help hides them. */
export function addOfficialOptions(shell: Command): void {
  for (const option of SHELL_OPTIONS) shell.addOption(option);
}

/** @throws {CliError} when `shell` was called with an option of the official client. */
export function refuseOfficialOptions(shell: Command): void {
  const given = SHELL_OPTIONS.find((option) => {
    return shell.getOptionValueSource(option.attributeName()) === "cli";
  });
  if (!given) return;
  throw new CliError(
    `${given.long} is an option of ${OFFICIAL_CLIENT}; this program, also called jmp, is the ` +
      "exporter, and its shell serves a local config: --exporter NAME or --exporter-config FILE",
    EXIT_USAGE,
  );
}
