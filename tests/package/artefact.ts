/** Runs a file that was built for this machine. @module */
import { build } from "../../scripts/build/main.ts";
import { executableName, type Target, targetsOf } from "../../scripts/build/targets.ts";

/** A hang guard, long enough for a busy machine. */
export const HANG_MS = 180_000;

/** A built file in a folder of its own, and a folder to unpack it into. */
export class Artefact implements AsyncDisposable {
  readonly file: string;
  readonly cache: string;

  private constructor(readonly dir: string, target: Target) {
    this.file = `${dir}/${executableName(target)}`;
    this.cache = `${dir}/cache`;
  }

  static async build(): Promise<Artefact> {
    const [target] = targetsOf(Deno.build.arch);
    const dir = await Deno.makeTempDir({ prefix: "jmp-packed-" });
    await Deno.chmod(dir, 0o755);
    await build({ targets: [target!], via: "pack", out: dir });
    return new Artefact(dir, target!);
  }

  /** Runs it to its end. */
  run(
    args: readonly string[],
    { cache = this.cache, file = this.file, env = {} }: {
      cache?: string;
      file?: string;
      env?: Readonly<Record<string, string>>;
    } = {},
  ) {
    return this.command([file, ...args], { JMP_CACHE_DIR: cache, ...env });
  }

  /** Runs a command to its end. */
  async command([file, ...args]: readonly string[], env: Readonly<Record<string, string>>) {
    const { code, stdout, stderr } = await new Deno.Command(file!, {
      args,
      cwd: this.dir,
      env: { NO_COLOR: "1", ...env },
      stdin: "null",
      signal: AbortSignal.timeout(HANG_MS),
    }).output();
    const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { code, out: decode(stdout), err: decode(stderr) };
  }

  unpacked(cache = this.cache): string[] {
    return Array.from(Deno.readDirSync(cache), ({ name }) => name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.dir, { recursive: true });
  }
}
