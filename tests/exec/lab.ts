/** Starts programs for tests of `type: exec`. @module */
import { connectSession } from "../../src/client/connect.ts";
import type { SessionClient } from "../../src/client/session_client.ts";
import {
  execLaunch,
  type ExecOptions,
  type HostedRecord,
  readProgram,
} from "../../src/foreign/exec/mod.ts";
import type { Launch, Launched } from "../../src/foreign/process/launched.ts";
import { driverUuid } from "../../src/tree/uuid.ts";

const here = new URL("./", import.meta.url).pathname;
const identity = { namespace: "lab", name: "exec" };

/** The command of `program.ts`. */
export function misbehaving(behaviour: string): string[] {
  return [Deno.execPath(), "run", "-A", "--no-check", `${here}program.ts`, behaviour];
}

/** How the entry `board.relay` is started, and what it logs. */
export interface Lab {
  readonly launch: Launch;
  readonly records: HostedRecord[];
}

/** The entry `board.relay` with these keys, in a config in `folder`. */
export function lab(entry: Record<string, unknown>, more: Partial<ExecOptions> = {}): Lab {
  const records: HostedRecord[] = [];
  const launch = execLaunch({
    program: readProgram(entry)!,
    path: "board.relay",
    name: "relay",
    identity,
    uuid: (path) => driverUuid(identity, path),
    folder: here,
    onRecord: (record) => void records.push(record),
    ...more,
  });
  return { launch, records };
}

/** A running program, and a client of it. */
export interface Running extends AsyncDisposable {
  readonly launched: Launched;
  readonly client: SessionClient;
  /** Calls a method of the driver at `path`. */
  call(path: string, method: string, ...args: unknown[]): Promise<unknown>;
}

/** Starts a program; disposing it closes it. */
export async function running(launch: Launch): Promise<Running> {
  const launched = await launch(AbortSignal.timeout(60_000));
  const client = await connectSession({ kind: "unix", path: launched.socket });
  return {
    launched,
    client,
    call: (path, method, ...args) => client.call(uuidAt(launched, path), method, args),
    async [Symbol.asyncDispose]() {
      await launched.close(0);
      await client[Symbol.asyncDispose]();
    },
  };
}

/** The uuid by which the program knows the driver at `path`. */
export function uuidAt({ rows }: Launched, path: string): string {
  const { uuid, remoteUuid = uuid } = rows.find((row) => row.path === path)!;
  return remoteUuid;
}
