/** Determines the command line of a hook. @module */

/** A hook as the config describes it. */
export interface HookScript {
  readonly script: string;
  /** The interpreter, if the config names one. */
  readonly exec?: string;
  readonly timeoutSeconds: number;
}

/**
 * Returns the program and arguments of a hook, or undefined for an empty script. A script of
 * one line that names a file is run by `exec`, else by Python if it ends in `.py`, else by
 * `/bin/sh`; any other script is passed to `exec` or `/bin/sh` with `-c`.
 */
export async function hookCommand({ script, exec }: HookScript): Promise<string[] | undefined> {
  const text = script.trim();
  if (text === "") return undefined;
  if (!text.includes("\n") && await isFile(text)) {
    return [exec ?? (text.endsWith(".py") ? "python3" : "/bin/sh"), text];
  }
  return [exec ?? "/bin/sh", "-c", script];
}

async function isFile(path: string): Promise<boolean> {
  return await Deno.stat(path).then(({ isFile }) => isFile, () => false);
}
