/**
 * A controller in memory whose calls take the time of the fake clock, and fail as they
 * are told. It stands where the exporter's connection would be.
 *
 * @module
 */
import { ControllerClient } from "../../src/controller/client.ts";
import { sleep } from "../../src/base/sleep.ts";
import { ExporterStatus } from "../../src/wire/gen/jumpstarter/v1/common.ts";
import type {
  ReportStatusRequest,
  StatusResponse,
} from "../../src/wire/gen/jumpstarter/v1/jumpstarter.ts";
import { Code, RpcError } from "../controller/rpc_error.ts";

/** How a call fails. */
export type Trouble = "refused" | "answer lost" | "too late";

/** An exporter's deadline for a unary call, in ms. */
const DEADLINE_MS = 30_000;

const GONE = new RpcError(Code.UNKNOWN, "the controller went away");

const METHODS = [
  "register",
  "reportStatus",
  "releaseLease",
  "unregister",
  "status",
  "listen",
] as const;

/** Stands in for every connection to a controller until disposed. */
export class FlappingController implements Disposable {
  readonly #random: () => number;
  readonly #real = Object.fromEntries(
    METHODS.map((name) => [name, ControllerClient.prototype[name]]),
  );
  readonly #streams = { Status: new Set<Stream>(), Listen: new Set<Stream>() };
  #troubles: Trouble[] = [];
  #life = 0;
  registered = false;
  status: ExporterStatus = ExporterStatus.EXPORTER_STATUS_UNSPECIFIED;
  /** Name of the lease that holds the exporter. */
  lease: string | undefined;
  /** While true, all calls fail. */
  away = false;

  constructor(random: () => number) {
    this.#random = random;
    const fakes: Record<typeof METHODS[number], unknown> = {
      register: () => this.#answer(() => this.registered = true),
      reportStatus: ({ status }: ReportStatusRequest) => this.#answer(() => this.status = status),
      releaseLease: (name: string) => this.#answer(() => this.#release(name)),
      unregister: () => this.#answer(() => this.registered = false),
      status: (signal: AbortSignal) => this.#serveStatus(signal),
      listen: (lease: string, signal: AbortSignal, onOpen: () => void) =>
        this.#serveListen(lease, signal, onOpen),
    };
    Object.assign(ControllerClient.prototype, fakes);
  }

  /** Whether clients of the lease can dial. */
  get listening(): boolean {
    return [...this.#streams.Listen].some(({ lease }) => lease === this.lease);
  }

  /** Whether the exporter is told of leases. */
  get watching(): boolean {
    return this.#streams.Status.size > 0;
  }

  /** Gives the exporter to a lease, ends its lease, or both. */
  give(lease: string | undefined): void {
    this.lease = lease;
    for (const stream of this.#streams.Status) stream.wake();
  }

  /** Makes the next calls fail in these ways. */
  trouble(troubles: readonly Trouble[]): void {
    this.#troubles = [...troubles];
  }

  /** Ends the streams of a method, with or without an error. */
  endStreams(method: "Status" | "Listen", error?: RpcError): void {
    for (const stream of this.#streams[method]) stream.end(error);
  }

  /** Restarts without memory: every call and stream breaks, and earlier reports are forgotten. */
  forget(): void {
    this.#life++;
    this.registered = false;
    this.status = ExporterStatus.EXPORTER_STATUS_UNSPECIFIED;
    for (const method of ["Status", "Listen"] as const) this.endStreams(method, GONE);
  }

  [Symbol.dispose](): void {
    Object.assign(ControllerClient.prototype, this.#real);
  }

  #release(name: string): void {
    if (name !== this.lease) throw new RpcError(Code.FAILED_PRECONDITION, "not your lease");
    this.give(undefined);
  }

  async #answer(effect: () => unknown): Promise<object> {
    const life = this.#life;
    await sleep(1 + this.#random() * 100);
    const trouble = this.away ? "refused" : this.#troubles.shift();
    if (trouble === "refused") throw new RpcError(Code.UNKNOWN, "try again");
    if (trouble === "too late") await sleep(DEADLINE_MS);
    if (life !== this.#life) throw GONE;
    effect();
    if (trouble) throw new RpcError(Code.UNKNOWN, trouble);
    return {};
  }

  async *#serveStatus(signal: AbortSignal): AsyncGenerator<StatusResponse> {
    await this.#answer(() => {});
    using stream = new Stream(this.#streams.Status, "", signal);
    for (let told: string | null = null; stream.goesOn();) {
      const { lease = "" } = this;
      if (lease !== told) yield stateOf(lease);
      told = lease;
      await stream.change();
    }
  }

  async *#serveListen(lease: string, signal: AbortSignal, onOpen: () => void) {
    onOpen();
    await this.#answer(() => {});
    if (lease !== this.lease) throw new RpcError(Code.UNKNOWN, `lease ${lease} not found`);
    using stream = new Stream(this.#streams.Listen, lease, signal);
    while (stream.goesOn()) await stream.change();
    yield* [];
  }
}

function stateOf(lease: string): StatusResponse {
  if (lease === "") return { leased: false, context: {} };
  return { leased: true, leaseName: lease, clientName: "tester", context: {} };
}

/** An open stream, which sleeps until something changes. */
class Stream implements Disposable {
  readonly lease: string;
  readonly #siblings: Set<Stream>;
  readonly #signal: AbortSignal;
  #changed = Promise.withResolvers<void>();
  #end: { readonly error?: RpcError | undefined } | undefined;

  constructor(siblings: Set<Stream>, lease: string, signal: AbortSignal) {
    this.lease = lease;
    this.#siblings = siblings;
    this.#signal = signal;
    siblings.add(this);
    signal.addEventListener("abort", this.wake);
  }

  readonly wake = (): void => this.#changed.resolve();

  end(error?: RpcError): void {
    this.#end = { error };
    this.wake();
  }

  /** Whether it is still open. @throws {RpcError} with which it was ended */
  goesOn(): boolean {
    if (this.#end?.error) throw this.#end.error;
    return !this.#end && !this.#signal.aborted;
  }

  async change(): Promise<void> {
    if (this.#end || this.#signal.aborted) return;
    await this.#changed.promise;
    this.#changed = Promise.withResolvers<void>();
  }

  [Symbol.dispose](): void {
    this.#siblings.delete(this);
    this.#signal.removeEventListener("abort", this.wake);
  }
}
