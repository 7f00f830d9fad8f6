import assert from "node:assert/strict";
import { Command } from "commander";
import { CliError } from "./common.ts";
import { createProgram } from "./main.ts";
import {
  addOfficialOptions,
  OFFICIAL_COMMANDS,
  refuseOfficialCommand,
  refuseOfficialOptions,
} from "./official_commands.ts";

function refusal(action: () => void): CliError {
  try {
    action();
  } catch (error) {
    assert.ok(error instanceof CliError);
    return error;
  }
  throw new Error("expected a CliError, found none");
}

Deno.test("refuseOfficialCommand() names the official client, and accepts our own commands", () => {
  for (const name of OFFICIAL_COMMANDS) {
    const { message, code } = refusal(() => refuseOfficialCommand(name));
    assert.equal(code, 2);
    assert.match(message, new RegExp(`^'${name}' is a command of .*pip install jumpstarter-cli`));
  }
  const { message } = refusal(() => refuseOfficialCommand("config", "client"));
  assert.match(message, /^'config client' is a command of /);
  refuseOfficialCommand("config", "schema");
  const ours = createProgram(() => {}).commands.map((command) => command.name());
  for (const name of [...ours, "nonsense", undefined]) refuseOfficialCommand(name);
});

function shellWith(...args: string[]): Command {
  const shell = new Command("shell").argument("[command...]").passThroughOptions();
  addOfficialOptions(shell);
  return shell.parse(args, { from: "user" });
}

Deno.test("refuseOfficialOptions() names the option, and ignores the arguments of the command", () => {
  const cases = [
    [["--client", "lab"], "--client"],
    [["-l", "board=pi", "--", "j", "power", "on"], "--selector"],
    [["--tls-grpc", "host:1234", "--tls-grpc-insecure"], "--tls-grpc"],
    [["--exporter-logs"], "--exporter-logs"],
  ] as const;
  for (const [args, option] of cases) {
    const { message, code } = refusal(() => refuseOfficialOptions(shellWith(...args)));
    assert.equal(code, 2);
    assert.match(message, new RegExp(`^${option} is an option of .*pip install jumpstarter-cli`));
  }
  refuseOfficialOptions(shellWith("pytest", "--client", "lab"));
  refuseOfficialOptions(shellWith());
});

Deno.test("the help texts of jmp and jmp shell do not list commands and options of the official client", () => {
  const program = createProgram(() => {});
  const help = program.helpInformation();
  for (const name of OFFICIAL_COMMANDS) assert.doesNotMatch(help, new RegExp(`^  ${name}\\b`, "m"));
  const shell = program.commands.find((command) => command.name() === "shell")!;
  assert.doesNotMatch(shell.helpInformation(), /--client|--lease|--tls-grpc/);
});
