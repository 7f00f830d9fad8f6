/** The process of a driver's program, its socket, and their end. @module */
import { fulfilledWithin } from "../../base/deadline.ts";
import { type TemporaryFolder, temporaryFolder } from "../../files/temporary_folder.ts";
import { InvalidArgument, messageOf } from "../../driver/mod.ts";
import { endGroup } from "../../subprocess/group.ts";
import { eachLine } from "../../subprocess/lines.ts";
import { killOffspring } from "../../subprocess/offspring.ts";
import { Watcher } from "../../subprocess/watcher.ts";
import type { ProcessEnd } from "../process/launched.ts";
import type { FoundProgram } from "./find.ts";
import { howEnded } from "../../subprocess/how_ended.ts";
import { LastLines } from "../last_lines.ts";

/** What a process is started with. */
export interface ProcessOptions {
  readonly program: FoundProgram;
  /** Added to the exporter's environment. */
  readonly env: Readonly<Record<string, string>>;
  /** What it reads on its standard input. */
  readonly input: string;
  /** Called with each line of its output. */
  onLine(line: string): void;
}

/** How long a killed process may take to end, in ms: it may hang in a system call for ever. */
const END_MS = 2_000;

/** How long the output of a process that has ended is read on, if others hold it open, in ms. */
const REST_MS = 500;

/** The variable that names the socket. Its value is unique, so it marks what the process starts. */
const SOCKET = "JMP_DRIVER_SOCKET";

/** A running program, in a session of its own; once it has ended, nothing of it is left. */
export class ProgramProcess {
  readonly pid: number;
  /** The path of the socket on which it is to serve. */
  readonly socket: string;
  /** Resolves when the process has ended, for any reason. */
  readonly ended: Promise<ProcessEnd>;
  readonly #mark: string;
  readonly #folder: TemporaryFolder;
  readonly #watcher: Watcher;
  readonly #lastLines = new LastLines();
  #closing: Promise<boolean> | undefined;

  /**
   * Starts a program as `PROGRAM ARGUMENTS… --serve SOCKET`.
   *
   * @throws {InvalidArgument} if the system refuses to run it.
   */
  static async start(options: ProcessOptions): Promise<ProgramProcess> {
    const folder = temporaryFolder({ holds: "sockets", prefix: "jmp-exec-" });
    const socket = `${folder.path}/socket`;
    const watcher = new Watcher({ mark: `${SOCKET}=${socket}` }, folder.path);
    try {
      return new ProgramProcess(spawn(options, socket), options, socket, folder, watcher);
    } catch (error) {
      await watcher[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(
    child: Deno.ChildProcess,
    { input, onLine }: ProcessOptions,
    socket: string,
    folder: TemporaryFolder,
    watcher: Watcher,
  ) {
    this.pid = child.pid;
    this.socket = socket;
    this.#mark = `${SOCKET}=${socket}`;
    this.#folder = folder;
    this.#watcher = watcher;
    watcher.watch(child.pid);
    feed(child.stdin, input);
    const say = (line: string) => {
      this.#lastLines.add(line);
      onLine(line);
    };
    const outputs = [child.stdout, child.stderr].map((output) => eachLine(output, say));
    this.ended = this.#watchEnd(child, Promise.allSettled(outputs));
  }

  /** The last lines that it wrote. @see ProcessEnd */
  get lastLines(): readonly string[] {
    return this.#lastLines.lines;
  }

  /**
   * @see `Launched.close`
   * @returns whether it ended in time, and nothing had to be killed.
   */
  close(graceMs: number): Promise<boolean> {
    return this.#closing ??= this.#close(graceMs);
  }

  async #watchEnd(child: Deno.ChildProcess, output: Promise<unknown>): Promise<ProcessEnd> {
    const how = howEnded(await child.status);
    await fulfilledWithin(REST_MS, output);
    void this.close(0);
    return { how, lastLines: this.lastLines };
  }

  async #close(graceMs: number): Promise<boolean> {
    const inTime = await endGroup(this.pid, graceMs);
    await killOffspring({ pid: this.pid, mark: this.#mark });
    await fulfilledWithin(END_MS, this.ended);
    await this.#watcher[Symbol.asyncDispose]();
    try {
      await this.#folder[Symbol.asyncDispose]();
    } catch {
      // The program removed it.
    }
    return inTime;
  }
}

function spawn({ program, env }: ProcessOptions, socket: string): Deno.ChildProcess {
  const pid = String(Deno.pid);
  try {
    return new Deno.Command(program.path, {
      args: [...program.args, "--serve", socket],
      cwd: program.cwd,
      env: { ...env, [SOCKET]: socket, JMP_PARENT_PID: pid, JMP_HUB_PID: pid },
      detached: true,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) {
      throw new InvalidArgument(`Cannot run ${program.path}: ${messageOf(error)}`);
    }
    throw new InvalidArgument(
      `expected the interpreter that ${program.path} names in its first line, found none; install ` +
        "it, or correct the line",
    );
  }
}

/** Writes all of `input`, and ends it; the program need not read it. */
async function feed(stdin: WritableStream<Uint8Array>, input: string): Promise<void> {
  const writer = stdin.getWriter();
  try {
    await writer.write(new TextEncoder().encode(input));
    await writer.close();
  } catch {
    // It closed its input, or ended.
  }
}
