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
  const known = new Set(reports.map(({ uuid }) => uuid));
  const isRoot = ({ parentUuid }: DriverInstanceReport) => !parentUuid || !known.has(parentUuid);
  const roots = reports.filter(isRoot);
  const below = Map.groupBy(
    reports.filter((report) => !isRoot(report)),
    ({ parentUuid }) => parentUuid!,
  );
  let built = 0;
  const build = (report: DriverInstanceReport): DriverClient => {
    built += 1;
    const children = (below.get(report.uuid) ?? []).map(build);
    return new DriverClient(session, report, new Map(children.map((child) => [child.name, child])));
  };
  const [root] = roots;
  const tree = roots.length === 1 ? build(root!) : undefined;
  if (!tree || built !== reports.length) {
    const found = `${roots.length} roots and ${reports.length} reports`;
    throw new StatusError(
      Code.INTERNAL,
      `expected a tree of drivers in the report, found ${found}`,
    );
  }
  return tree;
}
