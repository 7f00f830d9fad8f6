/** Attacks from the host itself: by neighbours who write where they can, and by mistakes. @module */
import { ChildProcess, type Finished, run } from "../official/process.ts";
import type { User } from "./attack.ts";
import { executable } from "./executable.ts";
import { NOBODY } from "./target.ts";

/** An ordinary user other than the exporter's. */
export const NEIGHBOUR = NOBODY - 1;

/** The scene of an attack from the host. */
export class Host implements AsyncDisposable {
  /** The user of the exporter. */
  readonly user: User;
  /** A folder of the exporter's user. */
  readonly dir: string;
  readonly #program: string;
  readonly #owned = new AsyncDisposableStack();

  private constructor(user: User, dir: string, program: string) {
    this.user = user;
    this.dir = dir;
    this.#program = program;
    this.#owned.defer(() => Deno.remove(dir, { recursive: true }));
  }

  /** Opens one whose folder is removed with it. */
  static async open(user: User): Promise<Host> {
    const dir = await Deno.makeTempDir({ prefix: "jmp-attack-" });
    const host = new Host(user, dir, await executable());
    await host.own(dir);
    return host;
  }

  /** The number of the exporter's user. */
  get uid(): number {
    return this.user === "root" ? 0 : NOBODY;
  }

  /** Gives a path to the exporter's user. */
  async own(path: string): Promise<void> {
    await Deno.chown(path, this.uid, this.uid);
  }

  /** Makes a folder of the exporter's user, which nobody else may enter. */
  async folder(path: string): Promise<string> {
    await Deno.mkdir(path, { recursive: true, mode: 0o700 });
    await this.own(path);
    return path;
  }

  /** Writes a file of the exporter's user, which nobody else may read. */
  async write(name: string, text: string): Promise<string> {
    const path = `${this.dir}/${name}`;
    await Deno.writeTextFile(path, text, { mode: 0o600 });
    await this.own(path);
    return path;
  }

  /** The command that runs `jmp` as the exporter's user. */
  jmp(...args: string[]): string[] {
    return [...this.#as(this.uid), this.#program, ...args];
  }

  /** Runs `jmp` to its end. */
  async run(args: string[], env: Record<string, string> = {}): Promise<Finished> {
    return await run(this.jmp(...args), { env: this.#env(env), timeoutMs: 60_000 });
  }

  /** Starts `jmp`; disposing the host ends it. */
  start(args: string[], env: Record<string, string> = {}): ChildProcess {
    return this.#owned.use(new ChildProcess(this.jmp(...args), { env: this.#env(env) }));
  }

  /** Starts a shell of the neighbour, and waits for its end. */
  async neighbour(script: string): Promise<void> {
    const { code, stderr } = await run([...this.#as(NEIGHBOUR), "sh", "-ec", script]);
    if (code !== 0) throw new Error(`The neighbour cannot attack: ${stderr}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned.disposeAsync();
  }

  #env(env: Record<string, string>): Record<string, string> {
    return { HOME: this.dir, RUNTIME_DIRECTORY: this.dir, ...env };
  }

  #as(uid: number): string[] {
    if (uid === 0) return [];
    return ["setpriv", "--reuid", String(uid), "--regid", String(uid), "--clear-groups"];
  }
}

/** An attack that needs no client. */
export interface HostAttack {
  readonly name: string;
  /** @returns the outcome. @throws {Error} if the attack succeeded. */
  run(host: Host): Promise<string>;
}
