/** Runs the hooks of one lease: sets up their environment and logs their output. @module */
import type { ExporterConfig } from "../config/exporter_config.ts";
import { openCommands, pathWith, type ProgramCommands } from "../files/path_commands.ts";
import { type HookOutcome, runHook } from "../lease/hook/hook.ts";
import type { HookName, Lease } from "../lease/model.ts";
import type { Session } from "../session/session.ts";
import { clientVariables } from "../tree/client_variables.ts";
import { messageOf } from "../wire/error.ts";
import type { LeaseSocket, LeaseSocketPlace } from "./lease_socket.ts";
import type { Log } from "../log/log.ts";

/** What the hooks of a lease need. */
export interface HooksOptions {
  readonly config: ExporterConfig;
  readonly lease: Lease;
  readonly session: Session;
  /** Where hooks connect to the session. */
  readonly socket: LeaseSocket;
  /** Puts `j` and `jmp` on the PATH of the hooks, if given. */
  readonly commands?: ProgramCommands | undefined;
  /** Receives the output of the hooks. */
  readonly log: Log;
  /** Called for each folder that cannot be used, with the reason. */
  warn(message: string): void;
  readonly scope: AsyncDisposableStack;
}

/** Longest message of the day that a beforeLease hook may write, in bytes. */
const MAX_MOTD = 64 * 1024;

/** Runs the hooks of one lease. */
export class Hooks {
  readonly #options: HooksOptions;
  #abort = new AbortController();
  /** Folders with `j` and `jmp`, once a hook has run. */
  #folders: readonly string[] | undefined;

  constructor(options: HooksOptions) {
    this.#options = options;
  }

  /** Runs a hook for `client` until it ends. Never throws. */
  async run(name: HookName, client: string): Promise<HookOutcome> {
    const { config, log, scope } = this.#options;
    const hook = config.hooks[name];
    if (!hook) return { ok: true };
    const lines = log.child({ origin: name, logger: name });
    // Set before the first await, so that `interrupt` always reaches this run.
    const { signal } = this.#abort = new AbortController();
    const outcome = await this.#attempt(async () => {
      const place = await this.#options.socket.open();
      const env = this.#environment(name, client, place);
      const outcome = await runHook({
        hook,
        folder: place.dir,
        env,
        onLine: (line) => lines.info(line),
        signal,
        scope,
      });
      if (name === "beforeLease") await this.#takeMotd(place.dir);
      return outcome;
    });
    // As output of the hook, which clients show without being asked for the log of the exporter.
    if (!outcome.ok) lines.error(`${name}: ${outcome.message}`);
    return outcome;
  }

  /** Runs `hook`. What keeps it from running is a failure of the hook as well. */
  async #attempt(hook: () => Promise<HookOutcome>): Promise<HookOutcome> {
    try {
      return await hook();
    } catch (error) {
      return { ok: false, message: `Error executing hook: ${messageOf(error)}` };
    }
  }

  /** Aborts the running hook. */
  interrupt(): void {
    this.#abort.abort();
  }

  #environment(
    name: HookName,
    client: string,
    { dir, path }: LeaseSocketPlace,
  ): Record<string, string> {
    const { config, lease } = this.#options;
    const own = Deno.env.toObject();
    return {
      ...clientVariables(config.tree.root),
      PATH: pathWith(this.#folders ??= this.#openCommands(), own),
      JUMPSTARTER_HOST: path,
      JMP_DRIVERS_ALLOW: "UNSAFE",
      LEASE_NAME: lease.name,
      CLIENT_NAME: client,
      ...(name === "beforeLease" && { JMP_MOTD_FILE: `${dir}/motd` }),
    };
  }

  #openCommands(): readonly string[] {
    const { commands, log, scope, warn } = this.#options;
    if (!commands) return [];
    try {
      return scope.use(openCommands(commands, { warn })).folders;
    } catch (error) {
      log.warning(`Hooks have no command 'j' of this program: ${messageOf(error)}`);
      return [];
    }
  }

  /** Adds the hook's message of the day, if it is a regular file of at most {@linkcode MAX_MOTD}. */
  async #takeMotd(dir: string): Promise<void> {
    const path = `${dir}/motd`;
    const found = await Deno.lstat(path).catch(() => undefined);
    if (!found?.isFile || found.size > MAX_MOTD) return;
    const text = await Deno.readTextFile(path).catch(() => "");
    if (text.trim() !== "") this.#options.session.addMotd(text.trim());
  }
}
