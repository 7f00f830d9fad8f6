/** The official client as one process a transfer, so that it can be killed. @module */
import { officialClient } from "../official/environment.ts";
import { ChildProcess } from "../official/process.ts";
import { TRUSTED } from "../official/transports.ts";

const PROGRAM = new URL("flash.py", import.meta.url).pathname;

/** The result that `flash.py` prints for a command. */
export interface Said {
  readonly ok: boolean;
  readonly error?: string;
}

/** A command of `flash.py` that runs. */
export class FlashCommand implements AsyncDisposable {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Starts `command`; `env` tells the client where its exporter is. */
  static async start(
    command: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<FlashCommand> {
    const { bin } = await officialClient();
    const argv = [`${bin}/python`, "-W", "ignore", PROGRAM, ...command];
    return new FlashCommand(new ChildProcess(argv, { env: { ...TRUSTED, ...env } }));
  }

  /** Kills it, as a closed terminal or a crash does. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.finished();
  }

  /**
   * The outcome that it prints. Does not wait for the end of the process, because an official client
   * whose connection broke may hang there.
   *
   * @throws {Error} if it ends without an outcome, or prints none within `boundMs`
   */
  async said(boundMs: number): Promise<Said> {
    const [line] = await this.#child.saying(/^\{.*\}$/m, boundMs);
    return JSON.parse(line);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child[Symbol.asyncDispose]();
  }
}

/** How long a command may take, in milliseconds: a hang guard. */
const BOUND_MS = 900_000;

/** Runs a command that must succeed. */
export async function flashCommand(
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
  boundMs: number = BOUND_MS,
): Promise<Said> {
  await using running = await FlashCommand.start(command, env);
  const said = await running.said(boundMs);
  if (said.ok) return said;
  throw new Error(`Cannot ${command.join(" ")} as the official client: ${said.error}`);
}
