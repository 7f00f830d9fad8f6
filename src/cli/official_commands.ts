/**
 * Refuses the commands and options of the official client, whose program is called `jmp` as well,
 * with a message that says where to get it. The lists are those of jumpstarter-cli 0.9.0.
 *
 * @module
 */
import { type Command, Option } from "commander";
import { CliError } from "./common.ts";

/** The official client, and how to install it. */
const OFFICIAL_CLIENT = "the official client (pip install jumpstarter-cli)";

/** Commands of the official program that this one does not have. */
export const OFFICIAL_COMMANDS: readonly string[] = [
  "admin",
  "auth",
  "create",
  "delete",
  "get",
  "login",
  "mcp",
  "update",
];

/** Commands of the official `jmp config` that ours does not have. */
const CONFIG_COMMANDS: readonly string[] = ["client", "exporter"];

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
It has the commands ${OFFICIAL_COMMANDS.join(", ")}, config client and config exporter.`;

/** The exit code of a usage error, the same as for errors of the parser. */
const EXIT_USAGE = 2;

/** @throws {CliError} if the first words are a command of the official client only. */
export function refuseOfficialCommand(name?: string, inner?: string): void {
  const isConfig = name === "config" && inner !== undefined && CONFIG_COMMANDS.includes(inner);
  if (!isConfig && (name === undefined || !OFFICIAL_COMMANDS.includes(name))) return;
  throw new CliError(
    `'${
      isConfig ? `config ${inner}` : name
    }' is a command of ${OFFICIAL_CLIENT}; this program, also called jmp, is the exporter`,
    EXIT_USAGE,
  );
}

/** Adds the official options to `shell`, hidden from its help, for `refuseOfficialOptions`. */
export function addOfficialOptions(shell: Command): void {
  for (const option of SHELL_OPTIONS) shell.addOption(option);
}

/** @throws {CliError} if `shell` was called with an option of the official client. */
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
