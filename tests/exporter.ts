/** Our exporter in this process, for tests that play its controller. @module */
import { manifests as builtIn } from "../drivers/mod.ts";
import { parseConfig } from "../src/config/parse.ts";
import { readToken } from "../src/config/credentials.ts";
import { createRegistry, type DriverManifest } from "../src/driver/manifest.ts";
import { Exporter } from "../src/exporter/exporter.ts";
import type { Checkpoint } from "../src/lease/model.ts";
import { Log, type LogRecord } from "../src/log/log.ts";
import { logChanges } from "../src/observe/log_view.ts";
import type { DriverLoader, ProcessHosts } from "../src/tree/loader.ts";

/** The program in this checkout, which hooks find as `j` and `jmp`. */
const JMP = [
  Deno.execPath(),
  ...["run", "--allow-all", "--no-check", new URL("../main.ts", import.meta.url).pathname],
];

/** A running exporter and its log. */
export interface RunningExporter extends AsyncDisposable {
  readonly exporter: Exporter;
  readonly records: LogRecord[];
  /** Resolves when the exporter has ended, with its exit code. */
  readonly ended: Promise<number>;
  /** The first log line that matches, earlier or later. */
  line(pattern: RegExp, timeoutMs?: number): Promise<string>;
}

/** Options of an exporter. */
export interface StartOptions {
  /** @default 2_000 */
  readonly deadlineMs?: number;
  /** @default never, because tests count calls */
  readonly renewMs?: number;
  /** What the exporter saves for a restart; shared by the processes of one exporter. */
  readonly saved?: { checkpoint?: Checkpoint | undefined };
  /** Drivers in addition to the built-in ones. */
  readonly manifests?: readonly DriverManifest[];
  /** Finds custom drivers. @default none */
  readonly loader?: DriverLoader;
  /** Finds drivers that other processes serve. @default none */
  readonly hosts?: ProcessHosts;
}

/** Starts the exporter that the YAML `text` describes. @throws {Error} with the config's mistakes */
export async function startExporter(
  text: string,
  options: StartOptions = {},
): Promise<RunningExporter> {
  const { deadlineMs = 2_000, renewMs = 2 ** 30, saved = {}, manifests = [], hosts } = options;
  const { config, diagnostics } = await parseConfig(text, "exporter.yaml", {
    registry: createRegistry([...builtIn, ...manifests]),
    loader: options.loader ?? { find: () => Promise.resolve(undefined) },
    ...(hosts && { hosts }),
    env: {},
  });
  if (!config) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  const records: LogRecord[] = [];
  const wakers = new Set<() => void>();
  const log = new Log([(record) => {
    records.push(record);
    for (const wake of wakers) wake();
  }]);
  const exporter = new Exporter({
    config,
    log,
    endpoint: config.endpoint!,
    token: () => readToken(config),
    deadlineMs,
    renewMs,
    commands: { lines: { j: [...JMP, "j"], jmp: JMP } },
    checkpoints: {
      load: () => saved.checkpoint,
      save: (checkpoint) => void (saved.checkpoint = checkpoint),
    },
  });
  logChanges(exporter.store, log);
  const ended = exporter.run();
  return {
    exporter,
    records,
    ended,
    line: (pattern, timeoutMs = 20_000) => waitForLine(records, wakers, pattern, timeoutMs),
    async [Symbol.asyncDispose]() {
      exporter.stop();
      await ended;
    },
  };
}

function waitForLine(
  records: readonly LogRecord[],
  wakers: Set<() => void>,
  pattern: RegExp,
  timeoutMs: number,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const finish = (found: string | undefined) => {
      clearTimeout(timer);
      wakers.delete(look);
      const said = records.map(({ message }) => message).join("\n  ");
      if (found === undefined) reject(new Error(`Expected ${pattern}, found:\n  ${said}`));
      else resolve(found);
    };
    const look = () => {
      const found = records.find(({ message }) => pattern.test(message));
      if (found) finish(found.message);
    };
    const timer = setTimeout(() => finish(undefined), timeoutMs);
    wakers.add(look);
    look();
  });
}
