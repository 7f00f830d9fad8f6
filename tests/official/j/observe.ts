/** Runs one invocation, and keeps all that can be seen of it. @module */
import { Buffer } from "node:buffer";
import { constants, gunzipSync } from "node:zlib";
import { Terminal } from "../../terminal.ts";
import { until } from "../../until.ts";
import type { Name } from "../../bench/exporters.ts";
import type { Env } from "../client.ts";
import type { Case, Observation } from "./cases.ts";
import type { Launched, Launcher } from "./launcher.ts";

/** How long a step may wait for its output, in milliseconds. */
const STEP_MS = 20_000;

/** A `j` and the exporter that it talks to. */
export interface Bench {
  readonly launcher: Launcher;
  readonly client: Name;
  /** The command of `j`. */
  readonly j: readonly string[];
  readonly env: Env;
  /** The URL of a web server with an image. */
  readonly web: string;
  /** Has the folders that the invocations work in. */
  readonly dir: string;
  /** Files to which drivers and devices append what they receive. */
  readonly events: readonly string[];
}

/** Runs `j` and waits for its end. */
export async function observe(bench: Bench, invocation: Case): Promise<Observation> {
  const cwd = await Deno.makeTempDir({ dir: bench.dir, prefix: "work-" });
  for (const [name, content] of Object.entries(invocation.files ?? {})) {
    await Deno.writeFile(`${cwd}/${name}`, bytesOf(content));
  }
  const before = await Promise.all(bench.events.map(textOf));
  const seen = invocation.terminal
    ? await onTerminal(bench, cwd, invocation)
    : await onFiles(bench, cwd, invocation);
  const files = await filesIn(cwd, invocation.files);
  const after = await Promise.all(bench.events.map(textOf));
  const events = after.map((text, index) => text.slice(before[index]!.length)).join("");
  const mask = (text: string) => {
    const known = text.replaceAll(cwd, "CWD").replaceAll(bench.dir, "DIR")
      .replaceAll(bench.web, "WEB");
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
  const { input = "" } = invocation;
  const child = await bench.launcher.launch({
    argv: commandOf(bench, invocation),
    env: bench.env,
    cwd,
    streams: { input, output, error },
  });
  const said = async () => `${await textOf(output)}${await textOf(error)}`;
  const type = () => Promise.reject(new Error("there is no terminal to type on"));
  const talks = await take(invocation, { client: bench.client, child, cwd, said, type });
  const exit = String(await child.ended);
  return { exit, talks, stdout: await textOf(output), stderr: await textOf(error), screen: "" };
}

async function onTerminal(bench: Bench, cwd: string, invocation: Case): Promise<Seen> {
  using terminal = new Terminal();
  const settings = terminal.settings();
  const child = await bench.launcher.launch({
    argv: commandOf(bench, invocation),
    env: bench.env,
    cwd,
    streams: { terminal: terminal.path },
  });
  const said = () => Promise.resolve(terminal.shown);
  const talks = await take(invocation, {
    ...{ client: bench.client, child, cwd, said },
    async type(keys) {
      // What is typed before is thrown away.
      await until(() => terminal.settings() !== settings, STEP_MS);
      terminal.type(keys);
    },
  });
  const exit = String(await child.ended);
  const restored = terminal.settings() === settings ? "" : "the terminal was left changed\n";
  return { exit, talks: talks + restored, stdout: "", stderr: "", screen: terminal.shown };
}

function commandOf({ j, web }: Bench, { args }: Case): string[] {
  return [...j, ...args.map((arg) => arg.replace("WEB", web))];
}

interface Situation {
  readonly client: Name;
  readonly child: Launched;
  readonly cwd: string;
  said(): Promise<string>;
  type(keys: string): Promise<void>;
}

/** Takes the steps; returns what they saw. */
async function take({ steps = [], graceMs }: Case, situation: Situation): Promise<string> {
  const { client, child, cwd, said, type } = situation;
  let [over, seen] = [false, ""];
  const ended = child.ended.finally(() => over = true);
  for (const { after, in: file, talk, type: keys, signal } of steps) {
    const look = async () => after.exec(await (file ? textOf(`${cwd}/${file}`) : said()));
    await until(async () => over || await look() !== null, STEP_MS);
    const match = await look();
    if (!match) {
      await ended;
      return `${seen}it ended before it said ${after}\n`;
    }
    if (talk) seen += `${await talk(match, cwd)}\n`;
    if (keys !== undefined) await type(keys);
    if (signal) child.kill(signal);
  }
  if (graceMs !== undefined && client === "official") {
    const guard = setTimeout(() => child.kill("SIGKILL"), graceMs);
    await ended.finally(() => clearTimeout(guard));
  }
  return seen;
}

/** A line for each file that is not as it was; packed ones are shown unpacked. */
async function filesIn(root: string, before: Case["files"] = {}, folder = ""): Promise<string> {
  const lines: string[] = [];
  for await (const entry of Deno.readDir(`${root}/${folder}`)) {
    const name = `${folder}${entry.name}`;
    if (entry.isDirectory) {
      lines.push(await filesIn(root, before, `${name}/`));
      continue;
    }
    const bytes = entry.isFile ? await Deno.readFile(`${root}/${name}`) : new Uint8Array();
    const old = before[name];
    if (old !== undefined && Buffer.compare(bytes, bytesOf(old)) === 0) continue;
    const text = name.endsWith(".gz") ? unpacked(bytes) : new TextDecoder().decode(bytes);
    lines.push(`${name}: ${JSON.stringify(text)}\n`);
  }
  return lines.sort().join("");
}

function unpacked(bytes: Uint8Array): string {
  try {
    return gunzipSync(bytes).toString();
  } catch {
    return `${gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH })}, cut off`;
  }
}

function bytesOf(content: string | Uint8Array): Uint8Array {
  return typeof content === "string" ? new TextEncoder().encode(content) : content;
}

async function textOf(file: string): Promise<string> {
  return await Deno.readTextFile(file).catch(() => "");
}
