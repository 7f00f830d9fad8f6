/** Exporters, and runs of `j`, within the process of a test. @module */
import { manifests as builtIn } from "../../drivers/mod.ts";
import { parseConfig } from "../config/parse.ts";
import { createRegistry, type DriverManifest } from "../driver/manifest.ts";
import { StandaloneExporter } from "../exporter/standalone.ts";
import "../libc/testing.ts";
import { Log } from "../log/log.ts";
import type { KeyPair } from "../wire/listen/listen.ts";
import { Interrupted } from "./interrupt.ts";
import { runJ } from "./main.ts";
import { Output, type Stream } from "./output.ts";

/** What a run printed, and its exit code. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A stream that keeps its output. */
class Kept implements Stream {
  readonly #chunks: Uint8Array[] = [];

  /** @param onText is called with all that was written so far */
  constructor(private readonly onText: (text: string) => void = () => {}) {}

  writeSync(bytes: Uint8Array): number {
    this.#chunks.push(bytes.slice());
    this.onText(this.text);
    return bytes.length;
  }

  write(bytes: Uint8Array): Promise<number> {
    return Promise.resolve(this.writeSync(bytes));
  }

  isTerminal(): boolean {
    return false;
  }

  get text(): string {
    const decoder = new TextDecoder();
    return this.#chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join("");
  }
}

/** How a run differs from one in a shell. */
export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** The content of standard input. @default nothing */
  readonly input?: AsyncIterable<Uint8Array>;
  /** Called after each write with all of standard output so far. */
  readonly onOut?: (text: string) => void;
  /** Interrupts the run as Ctrl-C does. */
  readonly interrupt?: AbortSignal;
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

/** Runs `j` without an exporter. */
export async function runAlone(
  args: readonly string[],
  { env = {}, input = nothing(), interrupt, onOut }: RunOptions = {},
): Promise<Ran> {
  const [out, err] = [new Kept(onOut), new Kept()];
  const abort = new AbortController();
  interrupt?.addEventListener("abort", () => abort.abort(new Interrupted(130)));
  const code = await runJ(args, {
    output: new Output(out, err),
    input: { [Symbol.asyncIterator]: () => input[Symbol.asyncIterator](), isTerminal: () => false },
    signal: abort.signal,
    env: (name) => env[name],
  });
  return { code, out: out.text, err: err.text };
}

/** An exporter without a controller. */
export interface Served extends AsyncDisposable {
  /** The path of its socket. */
  readonly socket: string;
  /** Serves on TCP as well, with TLS if there are keys; returns `host:port`. */
  listenTcp(keys?: KeyPair): Promise<string>;
  /** Runs `j` with it. */
  j(args: readonly string[], options?: RunOptions): Promise<Ran>;
}

/** How an exporter is served. */
export interface ServeOptions {
  /** Drivers in addition to the built-in ones. */
  readonly manifests?: readonly DriverManifest[];
  /** The `hooks:` of the config. */
  readonly hooks?: Readonly<Record<string, unknown>>;
  readonly passphrase?: string;
}

/** Serves drivers; `tree` is the `export:` of a config. */
export async function serve(
  tree: Readonly<Record<string, unknown>>,
  { manifests = [], hooks, passphrase }: ServeOptions = {},
): Promise<Served> {
  await using stack = new AsyncDisposableStack();
  const text = JSON.stringify({
    apiVersion: "jumpstarter.dev/v1alpha1",
    kind: "ExporterConfig",
    metadata: { namespace: "lab", name: "bench" },
    export: tree,
    ...(hooks && { hooks }),
  });
  const { config, diagnostics } = await parseConfig(text, "exporter.yaml", {
    registry: createRegistry([...builtIn, ...manifests]),
    loader: { find: () => Promise.resolve(undefined) },
    env: {},
  });
  if (!config) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  const dir = await Deno.makeTempDir({ prefix: "jmp-j-" });
  stack.defer(() => Deno.remove(dir, { recursive: true }));
  const exporter = stack.use(
    new StandaloneExporter({ config, log: new Log([]), ...(passphrase && { passphrase }) }),
  );
  const socket = `${dir}/socket`;
  await exporter.listenUnix(socket);
  const owned = stack.move();
  return {
    socket,
    listenTcp: async (keys) => `127.0.0.1:${await exporter.listenTcp("127.0.0.1", 0, keys)}`,
    j: (args, { env = {}, ...options } = {}) => {
      return runAlone(args, { env: { JUMPSTARTER_HOST: socket, ...env }, ...options });
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Waits for the first output of a child; `rest` resolves when it has no more. */
export async function firstOutput(
  { stdout }: Pick<Deno.ChildProcess, "stdout">,
): Promise<{ readonly rest: Promise<void> }> {
  const reader = stdout.getReader();
  await reader.read();
  const readOn = async () => {
    while (!(await reader.read()).done);
  };
  return { rest: readOn() };
}
