/** Scripts with which a shell completes the drivers and commands of `j`. @module */

/** The shells that complete. */
export type CompletingShell = "bash" | "zsh" | "fish";

/**
 * The script for a shell. It asks `j --complete SHELL WORDS…` of this program, which knows the
 * exporter of JUMPSTARTER_HOST; where that has no candidates, files are completed.
 *
 * @param folders where this program's `j` is, as another one may come first on PATH.
 */
export function jCompletion(shell: CompletingShell, folders: readonly string[]): string {
  return SCRIPTS[shell](`env PATH=${quoted(folders.join(":"))}:"$PATH" j --complete ${shell}`);
}

/** A word in single quotes, for every shell. The paths of this program's folders have none. */
function quoted(text: string): string {
  return `'${text}'`;
}

const SCRIPTS: Readonly<Record<CompletingShell, (ask: string) => string>> = {
  bash: (ask) =>
    `_j() {
  local IFS=$'\\n'
  COMPREPLY=($(${ask} "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _j j
`,
  zsh: (ask) =>
    `autoload -Uz compinit && compinit -i -D
_j() {
  local -a found
  found=(\${(f)"$(${ask} "\${(@)words[2,CURRENT]}" 2>/dev/null)"})
  if (( $#found )); then _describe -t commands j found; else _files; fi
}
compdef _j j
`,
  fish: (ask) =>
    `function __jmp_complete_j
  set -l words (commandline -opc)
  set -e words[1]
  set -l current (commandline -ct)
  set -l found (${ask.replace('"$PATH"', "(string join : $PATH)")} $words "$current" 2>/dev/null)
  if set -q found[1]
    printf '%s\\n' $found
  else
    __fish_complete_path "$current"
  end
end
complete -c j -f -a '(__jmp_complete_j)'
`,
};
