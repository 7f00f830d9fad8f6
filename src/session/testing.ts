/** A session on a socket, with a client, for tests. @module */
import { entryOf } from "../tree/testing.ts";
import "../libc/testing.ts";
import { type ConnectOptions, connectSession, type SessionAddress } from "../client/connect.ts";
import type { SessionClient } from "../client/session_client.ts";
import { DriverInstances } from "../tree/instances.ts";
import { defineDriver, z } from "../driver/manifest.ts";
import type { DriverLike } from "../driver/methods.ts";
import { DriverTree } from "../tree/driver_tree.ts";
import type { Entry } from "../tree/entry.ts";
import { driverUuid } from "../tree/uuid.ts";
import { Log, type LogRecord } from "../log/log.ts";
import { ExporterStatus } from "../wire/gen/jumpstarter/v1/common.ts";
import { type EndSessionResponse } from "../wire/gen/jumpstarter/v1/jumpstarter.ts";
import { GrpcClient } from "../wire/grpc/client.ts";
import { dialUnix } from "../wire/net/dial.ts";
import type { Value } from "../wire/value.ts";
import { PassphraseGate } from "./passphrase.ts";
import { Session } from "./session.ts";

const identity = { namespace: "lab", name: "bench" };

/** A session that clients can reach. */
export interface ServedSession extends AsyncDisposable {
  readonly session: Session;
  readonly log: Log;
  readonly records: LogRecord[];
  /** A Unix socket. */
  readonly address: SessionAddress;
  readonly client: SessionClient;
  /** For calls that the client does not make. */
  readonly grpc: GrpcClient;
  /** A client on another connection, which is closed with the session. */
  connect(options?: ConnectOptions): Promise<SessionClient>;
  /** The uuid of a driver by its name. */
  uuid(name: string): string;
  /** Calls a method of a driver by its name. */
  call(name: string, method: string, ...args: unknown[]): Promise<Value>;
}

/** What differs between tests. */
export interface ServeOptions {
  readonly passphrase?: string;
  readonly ready?: boolean;
  onEndSession?(): EndSessionResponse;
}

/** Serves `drivers` by name on a Unix socket of its own, ready for calls. */
export async function serveDrivers(
  drivers: Record<string, DriverLike>,
  options: ServeOptions = {},
): Promise<ServedSession> {
  const entries = Object.entries(drivers).map(([name, driver]) => {
    const manifest = defineDriver({
      type: `test.${name}`,
      client: "test.Client",
      config: z.any(),
      open: () => driver,
    });
    return entryOf(name, manifest);
  });
  return await serveEntries(entries, options);
}

/** Serves the drivers of `entries` on a Unix socket of its own, ready for calls. */
export async function serveEntries(
  entries: readonly Entry[],
  { passphrase, ready = true, onEndSession }: ServeOptions = {},
): Promise<ServedSession> {
  const stack = new AsyncDisposableStack();
  const dir = await Deno.makeTempDir({ prefix: "jmp-session-" });
  stack.defer(() => Deno.remove(dir, { recursive: true }));
  const records: LogRecord[] = [];
  const log = new Log([(record) => void records.push(record)]);
  const tree = new DriverTree(entries, identity);
  const gate = passphrase === undefined ? undefined : new PassphraseGate({ passphrase, log });
  if (gate) stack.use(gate);
  const scope = stack.use(new AsyncDisposableStack());
  const abort = new AbortController();
  const session = stack.use(
    new Session({
      identity,
      log,
      drivers: new DriverInstances(tree, {
        scope,
        signal: abort.signal,
        log: ({ path }) => log.child({ origin: "driver", logger: path }),
      }),
      motd: "welcome",
      gate,
      onEndSession: onEndSession ?? (() => ({ success: true, message: "ended" })),
    }),
  );
  if (ready) session.status.set(ExporterStatus.EXPORTER_STATUS_LEASE_READY, "Ready for commands");
  const address = { kind: "unix", path: `${dir}/socket` } as const;
  await session.listen(address);
  const clients: SessionClient[] = [];
  const connect = async (options?: ConnectOptions) => {
    const client = await connectSession(address, options);
    clients.push(client);
    return client;
  };
  const client = await connect();
  const link = await dialUnix(address.path, abort.signal);
  const keepalive = { timeMs: 20_000, timeoutMs: 20_000 };
  const grpc = new GrpcClient(link, { authority: "localhost", keepalive });
  const uuid = (name: string) => driverUuid(identity, name);
  return {
    session,
    log,
    records,
    address,
    client,
    grpc,
    connect,
    uuid,
    call: (name, method, ...args) => client.call(uuid(name), method, args),
    async [Symbol.asyncDispose]() {
      await stack.disposeAsync();
      // The end of the session closes all connections, once clients have read its last answers.
      await Promise.all(clients.map(({ closed }) => closed));
    },
  };
}
