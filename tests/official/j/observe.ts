/** Runs one invocation, and keeps all that can be seen of it. @module */
import { Terminal } from "../../terminal.ts";
import { until } from "../../until.ts";
import type { Env } from "../client.ts";
import type { Case, Observation, Step } from "./cases.ts";
import type { Launched, Launcher } from "./launcher.ts";

/** How long a step may wait for its output, in milliseconds. */
const STEP_MS = 20_000;

/** A `j` and the exporter that it talks to. */
export interface Bench {
  readonly launcher: Launcher;
  /** The command of `j`. */
  readonly j: readonly string[];
  readonly env: Env;
  /** Has the folders that the invocations work in. */
  readonly dir: string;
  /** Files to which drivers and devices append what they receive. */
  readonly events: readonly string[];
}

/** Runs `j` and waits for its end. */
export async function observe(bench: Bench, invocation: Case): Promise<Observation> {
  const cwd = await Deno.makeTempDir({ dir: bench.dir, prefix: "work-" });
  for (const [name, text] of Object.entries(invocation.files ?? {})) {
    await Deno.writeTextFile(`${cwd}/${name}`, text);
  }
  const before = await Promise.all(bench.events.map(textOf));
  const seen = invocation.terminal
    ? await onTerminal(bench, cwd, invocation)
    : await onFiles(bench, cwd, invocation);
  const files = await filesIn(cwd);
  const after = await Promise.all(bench.events.map(textOf));
  const events = after.map((text, index) => text.slice(before[index]!.length)).join("");
  const mask = (text: string) => {
    const known = text.replaceAll(cwd, "CWD").replaceAll(bench.dir, "DIR");
    return (invocation.masks ?? []).reduce((text, pattern) => text.replace(pattern, "…"), known);
  };
  return {
    stdout: mask(seen.stdout),
    stderr: mask(seen.stderr),
    screen: mask(seen.screen),
    exit: seen.exit,
    effects: mask(`${seen.talks}${files}${events}`),
  };
}

type Seen = Omit<Observation, "effects"> & { readonly talks: string };

async function onFiles(bench: Bench, cwd: string, invocation: Case): Promise<Seen> {
  const [output, error] = ["out", "err"].map((name) => `${cwd}.${name}`) as [string, string];
  const { args, input = "", steps = [], boundMs } = invocation;
  const child = await bench.launcher.launch({
    argv: [...bench.j, ...args],
    env: bench.env,
    cwd,
    streams: { input, output, error },
    boundMs,
  });
  const said = async () => `${await textOf(output)}${await textOf(error)}`;
  const talks = await take(steps, { child, cwd, said, type: () => {} });
  const exit = String(await child.ended);
  return { exit, talks, stdout: await textOf(output), stderr: await textOf(error), screen: "" };
}

async function onTerminal(bench: Bench, cwd: string, invocation: Case): Promise<Seen> {
  using terminal = new Terminal();
  const settings = terminal.settings();
  const child = await bench.launcher.launch({
    argv: [...bench.j, ...invocation.args],
    env: bench.env,
    cwd,
    streams: { terminal: terminal.path },
    boundMs: invocation.boundMs,
  });
  const said = () => Promise.resolve(terminal.shown);
  const talks = await take(invocation.steps ?? [], {
    ...{ child, cwd, said },
    type: (keys) => terminal.type(keys),
  });
  const exit = String(await child.ended);
  const restored = terminal.settings() === settings ? "" : "the terminal was left changed\n";
  return { exit, talks: talks + restored, stdout: "", stderr: "", screen: terminal.shown };
}

interface Situation {
  readonly child: Launched;
  readonly cwd: string;
  said(): Promise<string>;
  type(keys: string): void;
}

/** Takes the steps; returns what they saw. */
async function take(steps: readonly Step[], situation: Situation): Promise<string> {
  const { child, cwd, said, type } = situation;
  let [over, seen] = [false, ""];
  const ended = child.ended.finally(() => over = true);
  for (const { after, talk, type: keys, signal } of steps) {
    await until(async () => over || after.test(await said()), STEP_MS);
    const match = after.exec(await said());
    if (!match) {
      await ended;
      return `${seen}it ended before it said ${after}\n`;
    }
    if (talk) seen += `${await talk(match, cwd)}\n`;
    if (keys !== undefined) type(keys);
    if (signal) child.kill(signal);
  }
  return seen;
}

async function filesIn(folder: string): Promise<string> {
  const lines: string[] = [];
  for await (const { name, isFile } of Deno.readDir(folder)) {
    const text = isFile ? await textOf(`${folder}/${name}`) : "";
    lines.push(`${name}: ${JSON.stringify(text)}\n`);
  }
  return lines.sort().join("");
}

async function textOf(file: string): Promise<string> {
  return await Deno.readTextFile(file).catch(() => "");
}
