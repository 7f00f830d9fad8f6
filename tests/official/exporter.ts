/** Our exporter as a process, as users run it. @module */
import { HEAP, PERMISSIONS, QUIET } from "../../scripts/build/flags.ts";
import assert from "node:assert/strict";
import { ChildProcess, type ProcessOptions } from "./process.ts";

const main = new URL("../../main.ts", import.meta.url).pathname;

/** 128 + SIGTERM. */
const TERMINATED = 143;

/** The command `jmp`: of the sources, with the flags of the built one, or `JMP_TEST_BINARY`. */
export function jmp(...args: string[]): string[] {
  const binary = Deno.env.get("JMP_TEST_BINARY");
  const deno = [Deno.execPath(), "run", QUIET, PERMISSIONS, HEAP];
  return binary ? [binary, ...args] : [...deno, main, ...args];
}

/** A running exporter; disposing it ends it as a service manager does, and checks its exit. */
export class ExporterProcess implements AsyncDisposable {
  readonly child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.child = child;
  }

  /** Runs `jmp run` and waits until its log matches `ready`. */
  static async start(
    args: readonly string[],
    { env = {}, ready }: Pick<ProcessOptions, "env"> & { readonly ready: RegExp },
  ): Promise<{ exporter: ExporterProcess; match: RegExpExecArray }> {
    // In the group of the tests, because nothing else would end it after Ctrl+C.
    const child = new ChildProcess(jmp("run", ...args), { env, group: false });
    try {
      return { exporter: new ExporterProcess(child), match: await child.saying(ready) };
    } catch (error) {
      await child[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The targets of the process's descriptors: paths, `socket:[…]` and the like. */
  openFiles(): string[] {
    const dir = `/proc/${this.child.pid}/fd`;
    return [...Deno.readDirSync(dir)].flatMap(({ name }) => {
      try {
        return [Deno.readLinkSync(`${dir}/${name}`)];
      } catch {
        // It was closed meanwhile.
        return [];
      }
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill("SIGTERM");
    const { code } = await this.child.finished(30_000);
    assert.equal(code, TERMINATED, `the exporter ended with ${code}:\n${this.child.log}`);
    assert.doesNotMatch(this.child.log, /CRITICAL|Unexpected failure/);
  }
}
