/** The drivers of an exporter, as its report describes them. @module */
import type { Duplex } from "node:stream";
import type { DriverInstanceReport } from "../wire/gen/jumpstarter/v1/jumpstarter.ts";
import { Code } from "../wire/code.ts";
import { StatusError } from "../wire/grpc/status.ts";
import type { Value } from "../wire/value.ts";
import type { OfferedBytes } from "./offered_bytes.ts";
import type { CallBounds, SessionClient } from "./session_client.ts";

/** The label with the class of the official client, as `jumpstarter_driver_power.client.PowerClient`. */
const CLIENT_LABEL = "jumpstarter.dev/client";
const NAME_LABEL = "jumpstarter.dev/name";

/** A driver of an exporter, and the calls to it. They throw as those of {@linkcode SessionClient}. */
export class DriverClient {
  readonly uuid: string;
  /** The name that its parent gives it; empty for the root. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** A text for users from the config; empty if there is none. */
  readonly description: string;
  /** Texts for users from the config, by the names of commands. */
  readonly methodsDescription: Readonly<Record<string, string>>;
  /** By their names, in the order of the report. */
  readonly children: ReadonlyMap<string, DriverClient>;
  readonly #session: SessionClient;

  constructor(
    session: SessionClient,
    report: DriverInstanceReport,
    children: ReadonlyMap<string, DriverClient>,
  ) {
    this.#session = session;
    this.uuid = report.uuid;
    this.labels = report.labels;
    this.name = report.labels[NAME_LABEL] ?? "";
    this.description = report.description ?? "";
    this.methodsDescription = report.methodsDescription;
    this.children = children;
  }

  /** The class of the official client. */
  get clientClass(): string {
    return this.labels[CLIENT_LABEL] ?? "";
  }

  /** Resolves when the connection to the exporter is closed. */
  get closed(): Promise<void> {
    return this.#session.closed;
  }

  /** Calls a method. */
  call(method: string, args: unknown[] = [], bounds?: CallBounds): Promise<Value> {
    return this.#session.call(this.uuid, method, args, bounds);
  }

  /** Calls a method that returns a stream of values. */
  stream(method: string, args: unknown[] = [], bounds?: CallBounds): ReadableStream<Value> {
    return this.#session.stream(this.uuid, method, args, bounds);
  }

  /** Opens a byte stream. */
  bytes(method = "connect", bounds?: CallBounds): Promise<Duplex> {
    return this.#session.bytes(this.uuid, method, bounds);
  }

  /** Offers bytes to a call, or takes bytes from one. @see SessionClient.offer */
  offer(options?: Parameters<SessionClient["offer"]>[1]): Promise<OfferedBytes> {
    return this.#session.offer(this.uuid, options);
  }
}

/**
 * Asks for the report of an exporter.
 *
 * @returns the root of its drivers
 * @throws {StatusError} INTERNAL if the report is no tree, else as {@linkcode SessionClient.report}
 */
export async function driverTree(
  session: SessionClient,
  bounds?: CallBounds,
): Promise<DriverClient> {
  const { reports } = await session.report(bounds);
  const roots: Reported[] = [];
  // A reference reports its driver once more, with all below it, so a UUID may come again: the
  // parent of a report is the last one before it.
  const latest = new Map<string, Reported>();
  for (const report of reports) {
    const reported = { report, children: [] };
    const siblings = report.parentUuid ? latest.get(report.parentUuid)?.children : roots;
    if (!siblings) throw notTree(`${report.uuid} before its parent ${report.parentUuid}`);
    siblings.push(reported);
    latest.set(report.uuid, reported);
  }
  const [root] = roots;
  if (!root || roots.length > 1) throw notTree(`${roots.length} roots`);
  return build(session, root);
}

interface Reported {
  readonly report: DriverInstanceReport;
  readonly children: Reported[];
}

function build(session: SessionClient, { report, children }: Reported): DriverClient {
  const built = children.map((child) => build(session, child));
  return new DriverClient(session, report, new Map(built.map((child) => [child.name, child])));
}

function notTree(found: string): StatusError {
  return new StatusError(
    Code.INTERNAL,
    `expected a tree of drivers in the report, found ${found}`,
  );
}
