/** The manual page jmp(1), made from the program's own help. @module */
import type { Command, Option } from "commander";
import { createProgram } from "../../src/cli/main.ts";

/** The page in roff. @param time seconds since 1970 */
export function manualPage(version: string, time: number): string {
  const program = createProgram(() => {});
  const date = new Date(time * 1000).toISOString().slice(0, 10);
  return [
    `.TH JMP 1 "${date}" "jmp ${version}" "User Commands"`,
    ".SH NAME",
    "jmp \\- Jumpstarter exporter",
    ".SH SYNOPSIS",
    ".B jmp",
    "[\\fIoption\\fR...] \\fIcommand\\fR [\\fIargument\\fR...]",
    ".SH DESCRIPTION",
    `${roff(program.description())}.`,
    ".SH OPTIONS",
    ...program.options.flatMap(optionItem),
    ".SH COMMANDS",
    ...program.commands.flatMap((command) => commandItem(command)),
    ...ENDING,
    "",
  ].join("\n");
}

const ENDING = [
  ".SH SIGNALS",
  "SIGTERM, SIGINT and SIGQUIT end the exporter after an orderly goodbye to the controller,",
  "SIGHUP ends it when the current lease is over.",
  ".SH THE CLIENT",
  "Started as \\fBj\\fR, by a link of that name, the program acts as \\fBjmp j\\fR: a client of",
  "exporters, with the commands of the official client's \\fBj\\fR for the drivers of this program.",
  "In hooks and \\fBjmp shell\\fR, both commands are at the end of PATH.",
  ".SH EXIT STATUS",
  "0 on success, 1 on failure, 2 for a mistake of usage, 75 if the exporter runs on the host",
  "already, 128 plus the number of the signal that ended it.",
  ".SH ENVIRONMENT",
  ".TP",
  "\\fBgrpc_proxy\\fR, \\fBhttps_proxy\\fR, \\fBhttp_proxy\\fR",
  "the first that is set names the HTTP proxy for controllers, routers and listeners, as",
  "\\fIhttp://USER:PASSWORD@HOST:PORT\\fR; for \\fBjmp@NAME\\fR, set them in a file that only root can",
  "read, and name it by \\fIEnvironmentFile=\\fR in \\fBsystemctl edit jmp@NAME\\fR",
  ".TP",
  "\\fBno_proxy\\fR",
  "the hosts, domains, addresses and networks that are reached without a proxy",
  ".TP",
  "\\fBJMP_CACHE_DIR\\fR",
  "folder into which the program unpacks itself, instead of \\fI/var/cache/jmp\\fR or the",
  "user's cache; only root and the user may be able to change it and the folders above it",
  ".TP",
  "\\fBJMP_ENDPOINT\\fR, \\fBJMP_TOKEN\\fR",
  "override the config",
  ".TP",
  "\\fBJMP_J\\fR",
  "\\fBnative\\fR: hooks and \\fBjmp shell\\fR prefer this program's \\fBj\\fR to another one on PATH",
  ".TP",
  "\\fBJMP_LOCAL_GROUP\\fR",
  "the group whose members may use the exporter on its host, by \\fBj \\-\\-exporter\\fR, instead of",
  "\\fIjumpstarter\\-users\\fR; the exporter must run as root or be in the group",
  ".TP",
  "\\fBJMP_NAMESPACE\\fR, \\fBJMP_NAME\\fR",
  "fill in values that the config leaves out",
  ".TP",
  "\\fBJMP_PYTHON\\fR",
  "an interpreter or a virtual environment: where Python drivers are looked for, and installed by",
  "\\fBjmp driver install\\fR",
  ".TP",
  "\\fBJUMPSTARTER_HOST\\fR",
  "the exporter that \\fBj\\fR uses, which hooks and \\fBjmp shell\\fR set",
  ".SH FILES",
  ".TP",
  "\\fI/etc/jumpstarter/exporters/NAME.yaml\\fR, \\fI~/.config/jumpstarter/exporters/NAME.yaml\\fR",
  "configs; \\fBsystemctl enable \\-\\-now jmp@NAME\\fR serves the former",
  ".TP",
  "\\fI/etc/jumpstarter/tokens/NAME\\fR",
  "the token for \\fBjmp@NAME\\fR, for a config with \\fBtokenFile: token\\fR",
  ".TP",
  "\\fI/run/jumpstarter/NAME/NAMESPACE.NAME.sock\\fR",
  "the socket of a running exporter, for \\fBj \\-\\-exporter NAME\\fR",
  ".TP",
  "\\fI/etc/jumpstarter/drivers\\fR, \\fI~/.config/jumpstarter/drivers\\fR",
  "custom drivers",
  ".TP",
  "\\fI/var/lib/jumpstarter/python\\fR, \\fI~/.local/share/jumpstarter/python\\fR",
  "the virtual environment with Python drivers, made by \\fBjmp driver install\\fR",
];

function commandItem(command: Command, group = "jmp"): string[] {
  const name = `${group} ${command.name()}`;
  if (command.commands.length > 0) {
    return command.commands.flatMap((inner) => commandItem(inner, name));
  }
  const usage = command.usage().replace(/^\[options\] ?/, "");
  return [
    ".SS",
    `${name} ${roff(usage)}`.trimEnd(),
    `${roff(command.description())}`,
    ...command.options.flatMap(optionItem),
  ];
}

function optionItem({ flags, description, argChoices, hidden }: Option): string[] {
  if (hidden) return [];
  const choices = argChoices ? ` (${argChoices.join(", ")})` : "";
  return [".TP", `\\fB${roff(flags)}\\fR`, roff(description + choices)];
}

/** Escapes hyphens, and lines that would be requests of roff. */
function roff(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replace(/^([.'])/gm, "\\&$1");
}
