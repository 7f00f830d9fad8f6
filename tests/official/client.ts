/** The official client as processes. @module */
import assert from "node:assert/strict";
import { officialClient } from "./environment.ts";
import { ChildProcess, type Finished, type ProcessOptions, run } from "./process.ts";

const programs = new URL("./programs/", import.meta.url).pathname;

/** The environment variables that name a client's exporter. */
export type Env = Readonly<Record<string, string>>;

/** The official programs. */
export interface Client {
  /** The environment of every official process. */
  readonly env: Env;
  /** Starts a Python program of `programs/`. */
  start(program: string, options: ProcessOptions & { args?: string[] }): ChildProcess;
  /** Runs a Python program of `programs/`. @returns its result */
  show<T>(program: string, env: Env, args?: string[]): Promise<T>;
  /** Runs a command, which finds the official `jmp` and `j` on its PATH. */
  run(argv: readonly string[], options: ProcessOptions): Promise<Finished>;
}

/** The client, installed if necessary; `home` keeps its configs apart from the user's. */
export async function openClient(home: string): Promise<Client> {
  const { bin } = await officialClient();
  const common = {
    PATH: `${bin}:${Deno.env.get("PATH")}`,
    JMP_CLIENT_CONFIG_HOME: home,
    PYTHONDONTWRITEBYTECODE: "1",
    PYTHONUNBUFFERED: "1",
  };
  const python = (name: string, args: readonly string[] = []) => [
    ...[`${bin}/python`, "-W", "ignore", `${programs}${name}.py`, ...args],
  ];
  return {
    env: common,
    start: (program, { args, env, ...options }) =>
      new ChildProcess(python(program, args), { ...options, env: { ...common, ...env } }),
    async show(program, env, args) {
      const ended = await run(python(program, args), { env: { ...common, ...env } });
      assert.equal(ended.code, 0, `${program}.py ended with ${ended.code}:\n${ended.stderr}`);
      return JSON.parse(ended.stdout.trim().split("\n").at(-1) ?? "");
    },
    run: (argv, { env, ...options }) => run(argv, { ...options, env: { ...common, ...env } }),
  };
}

/** The output of a command that must succeed. */
export async function succeeds(ended: Promise<Finished>): Promise<string> {
  const { code, stdout, stderr } = await ended;
  assert.equal(code, 0, `it ended with ${code}:\n${stdout}\n${stderr}`);
  return stdout;
}
