/**
 * The interactive shell of `jmp shell`: its prompt shows the exporter as the official client does,
 * and it completes the drivers.
 *
 * @module
 */
import { basename } from "node:path";
import { jCompletion } from "./j_completion.ts";

/** Settings of the shell. */
export interface ShellOptions {
  /** The path of the shell. */
  readonly shell: string;
  /** The name of the exporter. */
  readonly context: string;
  /** A private folder for the files that the shell reads. */
  readonly folder: string;
  /** The folders with this program's `j`. */
  readonly commands: readonly string[];
  readonly colors: boolean;
  /** The user's folder for settings of zsh, if there is one. */
  readonly zdotdir?: string | undefined;
}

/** A command line, with its variables and files. */
export interface ShellStart {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Texts by the names of files in the folder. */
  readonly files: Readonly<Record<string, string>>;
}

/**
 * Decides how a shell is started. As in the official client, bash and zsh read none of the user's
 * files, and fish reads all of them.
 */
export function shellStart(options: ShellOptions): ShellStart {
  const name = basename(options.shell);
  // Shells interpret parts of a prompt.
  const shown = { ...options, context: options.context.replace(/[^\p{L}\p{N}_.@:/+-]/gu, "_") };
  if (name.endsWith("bash")) return bash(shown);
  if (name === "zsh") return zsh(shown);
  if (name === "fish") return fish(shown);
  const { shell, context } = shown;
  return { command: [shell], env: { PS1: `\${PWD##*/} ⚡${context} ➤ ` }, files: {} };
}

/** The parts of a prompt: the folder, the mark, the exporter and the end, each in its colour. */
type Paint = Readonly<Record<"gray" | "yellow" | "white" | "plain", string>>;

const NO_COLORS: Paint = { gray: "", yellow: "", white: "", plain: "" };

function promptOf(folder: string, context: string, { gray, yellow, white, plain }: Paint): string {
  return `${gray}${folder} ${yellow}⚡${white}${context} ${yellow}➤${plain} `;
}

function bash({ shell, context, folder, commands, colors }: ShellOptions): ShellStart {
  const color = (code: number) => `\\[\\e[${code}m\\]`;
  const paint = { gray: color(90), yellow: color(93), white: color(97), plain: color(0) };
  const rc = `PS1='${promptOf("\\W", context, colors ? paint : NO_COLORS)}'\n`;
  return {
    command: [shell, "--noprofile", "--rcfile", `${folder}/bashrc`],
    env: {},
    files: { bashrc: rc + jCompletion("bash", commands) },
  };
}

function zsh({ shell, context, folder, commands, colors, zdotdir }: ShellOptions): ShellStart {
  const color = (name: string) => `%F{${name}}`;
  const paint = { gray: color("8"), yellow: color("yellow"), white: color("white"), plain: "%f" };
  const restore = zdotdir === undefined ? "unset ZDOTDIR" : "ZDOTDIR=$JMP_ZDOTDIR";
  const rc = `${restore}; unset JMP_ZDOTDIR
PS1='${promptOf("%1~", context, colors ? paint : NO_COLORS)}'
: \${HISTFILE:=~/.zsh_history}
`;
  return {
    command: [shell, "-o", "no_global_rcs", "-o", "inc_append_history", "-o", "share_history"],
    env: { ZDOTDIR: folder, ...(zdotdir !== undefined && { JMP_ZDOTDIR: zdotdir }) },
    files: { ".zshrc": rc + jCompletion("zsh", commands) },
  };
}

function fish({ shell, context, folder, commands, colors }: ShellOptions): ShellStart {
  const parts = [
    ["brblack", "(basename $PWD)' '"],
    ["yellow", "⚡"],
    ["white", `'${context} '`],
    ["yellow", "'➤ '"],
  ].map(([color, text]) => `${colors ? `set_color ${color}; ` : ""}printf %s ${text}`);
  const prompt = `function fish_prompt\n  ${parts.join("\n  ")}\n  set_color normal\nend\n`;
  return {
    command: [shell, "--init-command", `source ${folder}/init.fish`],
    env: {},
    // First on this path, as fish has a completion of its own for another program called j.
    files: {
      "init.fish": `${prompt}set -p fish_complete_path ${folder}\n`,
      "j.fish": jCompletion("fish", commands),
    },
  };
}
