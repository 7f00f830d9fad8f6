/** A session on a socket, with clients, for tests. @module */
import "../libc/testing.ts";
import { credentials } from "@grpc/grpc-js";
import { DriverInstances } from "../tree/instances.ts";
import { defineDriver, z } from "../driver/manifest.ts";
import type { DriverLike } from "../driver/methods.ts";
import { buildTree } from "../tree/build.ts";
import { driverUuid } from "../tree/uuid.ts";
import { Log, type LogRecord } from "../log/log.ts";
import { ExporterStatus } from "../wire/gen/jumpstarter/v1/common.ts";
import { type EndSessionResponse } from "../wire/gen/jumpstarter/v1/jumpstarter.ts";
import { ExporterServiceClient, RouterServiceClient } from "../wire/grpc_js/clients.ts";
import "../wire/grpc_js/http2_guard.ts";
import { PassphraseGate } from "./passphrase.ts";
import { Session } from "./session.ts";

const identity = { namespace: "lab", name: "bench" };

/** A session that clients can reach. */
export interface ServedSession extends AsyncDisposable {
  readonly session: Session;
  readonly log: Log;
  readonly records: LogRecord[];
  /** For further clients: `unix:/path`. */
  readonly address: string;
  readonly exporter: ExporterServiceClient;
  readonly router: RouterServiceClient;
  /** The uuid of a driver by its name. */
  uuid(name: string): string;
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
  { passphrase, ready = true, onEndSession }: ServeOptions = {},
): Promise<ServedSession> {
  const stack = new AsyncDisposableStack();
  const dir = await Deno.makeTempDir({ prefix: "jmp-session-" });
  stack.defer(() => Deno.remove(dir, { recursive: true }));
  const records: LogRecord[] = [];
  const log = new Log([(record) => void records.push(record)]);
  const { root } = buildTree(
    Object.entries(drivers).map(([name, driver]) => {
      const manifest = defineDriver({
        type: `test.${name}`,
        client: "test.Client",
        config: z.any(),
        open: () => driver,
      });
      const source = { manifest, implementation: manifest, config: {} };
      const empty = { methodsDescription: {}, labels: {}, children: [] };
      return { kind: "driver" as const, name, type: manifest.type, source, ...empty };
    }),
    identity,
  );
  const gate = passphrase === undefined ? undefined : new PassphraseGate({ passphrase, log });
  if (gate) stack.use(gate);
  const scope = stack.use(new AsyncDisposableStack());
  const abort = new AbortController();
  const session = stack.use(
    new Session({
      identity,
      root,
      log,
      drivers: new DriverInstances(root, {
        scope,
        signal: abort.signal,
        log: () => log.child({ origin: "driver" }),
      }),
      motd: "welcome",
      gate,
      onEndSession: onEndSession ?? (() => ({ success: true, message: "ended" })),
    }),
  );
  if (ready) session.status.set(ExporterStatus.EXPORTER_STATUS_LEASE_READY, "Ready for commands");
  const address = `unix:${dir}/socket`;
  await session.listen({ path: `${dir}/socket` });
  const exporter = new ExporterServiceClient(address, credentials.createInsecure());
  const router = new RouterServiceClient(address, credentials.createInsecure());
  stack.defer(() => exporter.close());
  stack.defer(() => router.close());
  return {
    session,
    log,
    records,
    address,
    exporter,
    router,
    uuid: (name) => driverUuid(identity, name),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
