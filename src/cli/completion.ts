/** `jmp completion`: scripts with which a shell completes the commands and options. @module */
import { Argument, Command, type Option } from "commander";
import { print } from "./common.ts";

/** The supported shells. */
const SHELLS = ["bash", "zsh", "fish"] as const;

/** Prints the completion script of a shell. */
export function completionCommand(): Command {
  const command = new Command("completion")
    .description("print the completion script of a shell")
    .addArgument(new Argument("<shell>", "the shell").choices(SHELLS));
  return command.action((shell: typeof SHELLS[number]) => {
    print(completionScript(command.parent!, shell));
  });
}

/** Generates the script that completes `program` in `shell`. */
export function completionScript(program: Command, shell: typeof SHELLS[number]): string {
  if (shell === "fish") return fish(program);
  // zsh runs bash completions through bashcompinit.
  const start = shell === "zsh"
    ? ["#compdef jmp", "autoload -U +X bashcompinit && bashcompinit"]
    : [];
  return [...start, ...bash(program)].join("\n");
}

/** A command that lists exporter names from the config folders, in the syntax of every shell. */
const NAMES =
  `find /etc/jumpstarter/exporters ~/.config/jumpstarter/exporters -name '*.yaml' 2>/dev/null ` +
  `| sed 's|.*/||; s|[.]yaml$||'`;

function bash(program: Command): string[] {
  const cases = [...below(program)].map(({ path, command }) =>
    `    ${path}) words='${offered(command).join(" ")}' path=${path} ;;`
  );
  const values = valued(program).map(({ long, argChoices }) =>
    `    ${long}) COMPREPLY=($(compgen ${bashValues(long!, argChoices)} -- "$cur")); return ;;`
  );
  return [
    "_jmp() {",
    '  local cur=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} word words="" path=""',
    '  case "$previous" in',
    ...values,
    "  esac",
    `  words='${offered(program).join(" ")}'`,
    '  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do',
    '    case "$path/$word" in',
    ...cases.map((line) => `  ${line}`),
    "    esac",
    "  done",
    '  COMPREPLY=($(compgen -W "$words" -- "$cur"))',
    "}",
    "complete -o default -F _jmp jmp",
  ];
}

function bashValues(long: string, choices: readonly string[] | undefined): string {
  if (choices) return `-W '${choices.join(" ")}'`;
  return long === "--exporter" ? `-W "$(${NAMES})"` : "-f";
}

function fish(program: Command): string {
  return [
    "complete -c jmp -n __fish_use_subcommand -f",
    ...fishCommands(program, "-n __fish_use_subcommand"),
    ...[...below(program)].flatMap(({ path, command }) => {
      const seen = path.split("/").slice(1).map((name) => `__fish_seen_subcommand_from ${name}`);
      const names = command.commands.map((inner) => inner.name()).join(" ");
      const inner = names ? [`not __fish_seen_subcommand_from ${names}`] : [];
      return fishCommands(command, `-n '${[...seen, ...inner].join("; and ")}'`);
    }),
  ].join("\n");
}

/** The commands of a group and the options of a command, where `condition` holds. */
function fishCommands(command: Command, condition: string): string[] {
  return [
    ...command.commands.map((inner) =>
      `complete -c jmp ${condition} -f -a ${inner.name()} -d ${quote(inner.description())}`
    ),
    ...visible(command).map((option) => fishOption(condition, option)),
  ];
}

function fishOption(condition: string, option: Option): string {
  const { long, argChoices } = option;
  const name = `complete -c jmp ${condition} -l ${long!.slice(2)} -d ${quote(option.description)}`;
  if (!option.required) return name;
  if (argChoices) return `${name} -x -a '${argChoices.join(" ")}'`;
  return long === "--exporter" ? `${name} -x -a "(${NAMES})"` : `${name} -r`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "\\'")}'`;
}

/** A command with the names that lead to it: `/driver/list`. */
interface Placed {
  readonly path: string;
  readonly command: Command;
}

/** The commands of a group, and those of the groups among them. */
function* below(group: Command, path = ""): Generator<Placed> {
  for (const command of group.commands) {
    const placed = { path: `${path}/${command.name()}`, command };
    yield placed;
    yield* below(command, placed.path);
  }
}

/** What may follow a command: its commands and its options. */
function offered(command: Command): string[] {
  return [...command.commands.map((inner) => inner.name()), ...longOptions(command)];
}

function visible(command: Command): readonly Option[] {
  return command.options.filter(({ hidden, long }) => !hidden && long);
}

function longOptions(command: Command): string[] {
  return [...visible(command).map(({ long }) => long!), "--help"];
}

/** Returns the options of all commands that take a value, each once. */
function valued(program: Command): Option[] {
  const commands = [program, ...Array.from(below(program), ({ command }) => command)];
  const options = commands.flatMap(visible).filter(({ required }) => required);
  return [...new Map(options.map((option) => [option.long, option])).values()];
}
