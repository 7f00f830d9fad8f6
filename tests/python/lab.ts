/** Hosts Python drivers for tests. @module */
import { connectSession } from "../../src/client/connect.ts";
import type { SessionClient } from "../../src/client/session_client.ts";
import type { Launched } from "../../src/foreign/process/launched.ts";
import type { PythonChildOptions, PythonRecord } from "../../src/foreign/python/child_options.ts";
import { launchPython } from "../../src/foreign/python/launch.ts";
import { WarmPython } from "../../src/foreign/python/warm_python.ts";
import { officialClient } from "../official/environment.ts";
import { MARK, marked } from "./marked.ts";

export const identity = { namespace: "lab", name: "python" };

/** A warm interpreter with the official packages and `trouble.py`. */
export interface Lab extends AsyncDisposable {
  readonly warm: WarmPython;
  readonly troubles: string[];
  readonly hostLines: string[];
  /** The processes of the host, its children and all that they started. */
  processes(): Promise<number[]>;
}

/** An interpreter with the official packages. */
export async function testPython(): Promise<string> {
  const given = Deno.env.get("JMP_TEST_DRIVERS_PYTHON");
  return given ?? `${(await officialClient()).bin}/python`;
}

/** How a lab differs from others. */
export interface LabOptions {
  /** As in WarmOptions. */
  readonly pingMs?: number;
  /** The mark of its processes. */
  readonly id?: string;
  readonly interpreter?: string;
  /** A folder with modules. */
  readonly modules?: string;
}

/** @see Lab */
export async function lab(
  { pingMs = 60_000, id = crypto.randomUUID(), interpreter, modules }: LabOptions = {},
): Promise<Lab> {
  const python = interpreter ?? await testPython();
  const paths = [new URL("./drivers", import.meta.url).pathname, ...(modules ? [modules] : [])];
  const troubles: string[] = [];
  const hostLines: string[] = [];
  const warm = new WarmPython({
    environment: {
      python,
      version: "3",
      jumpstarter: "0.9.0",
      place: "the test",
      has: () => Promise.resolve(true),
    },
    env: { PYTHONPATH: paths.join(":"), [MARK]: id },
    pingMs,
    onLine: (line) => void hostLines.push(line),
    onTrouble: (message) => void troubles.push(message),
  });
  return {
    warm,
    troubles,
    hostLines,
    processes: () => marked(id),
    [Symbol.asyncDispose]: () => warm[Symbol.asyncDispose](),
  };
}

/** A running child, and a client of it. */
export interface Running extends AsyncDisposable {
  readonly launched: Launched;
  readonly client: SessionClient;
  readonly records: readonly PythonRecord[];
  readonly lines: readonly string[];
  /** Calls a method of the driver at `path`. */
  call(path: string, method: string, ...args: unknown[]): Promise<unknown>;
}

/** What a child is started with. @param entries by their dotted paths */
export function childOptions(
  entries: Readonly<Record<string, unknown>>,
  more: Partial<PythonChildOptions> = {},
): PythonChildOptions & { readonly records: PythonRecord[]; readonly lines: string[] } {
  const records: PythonRecord[] = [];
  const lines: string[] = [];
  return {
    identity,
    yaml: "",
    entries: Object.entries(entries).map(([path, value]) => ({ path: path.split("."), value })),
    onRecord: (record) => void records.push(record),
    onLine: (line) => void lines.push(line),
    ...more,
    records,
    lines,
  };
}

/** Starts a child; disposing it closes it. */
export async function running(
  { warm }: Lab,
  entries: Readonly<Record<string, unknown>>,
  more: Partial<PythonChildOptions> = {},
): Promise<Running> {
  const options = childOptions(entries, more);
  const launched = await launchPython(warm, options)(new AbortController().signal);
  const client = await connectSession({ kind: "unix", path: launched.socket });
  return {
    launched,
    client,
    records: options.records,
    lines: options.lines,
    call: (path, method, ...args) => {
      const { uuid } = launched.rows.find((row) => row.path === path)!;
      return client.call(uuid, method, args);
    },
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await launched.close(5_000);
    },
  };
}
