/**
 * The calls of an exporter, one by one, for tests of the controller itself.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { type ClientReadableStream, credentials, type Metadata } from "@grpc/grpc-js";
import { ExporterStatus } from "../../src/wire/gen/jumpstarter/v1/common.ts";
import { ControllerServiceClient } from "../../src/wire/grpc_js/clients.ts";
import {
  type ListenResponse,
  type StatusResponse,
} from "../../src/wire/gen/jumpstarter/v1/jumpstarter.ts";
import { ask, identityMetadata, OWN_SOCKET } from "./ask.ts";
import type { TestController } from "./controller.ts";
import type { Identity } from "./records.ts";

/** An exporter that makes only the calls of the test. */
export class RawExporter {
  readonly client: ControllerServiceClient;
  readonly metadata: Metadata;

  constructor({ endpoint, caPem }: TestController, identity: Identity) {
    this.client = new ControllerServiceClient(
      endpoint,
      credentials.createSsl(Buffer.from(caPem)),
      OWN_SOCKET,
    );
    this.metadata = identityMetadata("Exporter", identity);
  }

  /** Registers with one driver instance and reports Available. */
  async start(): Promise<void> {
    await this.register();
    await this.report(ExporterStatus.EXPORTER_STATUS_AVAILABLE);
  }

  /** Registers with one driver instance. */
  register(labels: Record<string, string> = {}) {
    const report = { uuid: crypto.randomUUID(), labels: {}, methodsDescription: {} };
    const request = { labels, reports: [report] };
    return ask(this.client, "register", request, { metadata: this.metadata });
  }

  /** Reports a status. */
  report(status: ExporterStatus, fields: { message?: string; releaseLease?: boolean } = {}) {
    return ask(this.client, "reportStatus", { status, ...fields }, { metadata: this.metadata });
  }

  /** Opens a Status stream. */
  status(): Reader<StatusResponse> {
    return new Reader(this.client.status({}, this.metadata));
  }

  /** Opens a Listen stream. */
  listen(leaseName: string): Reader<ListenResponse> {
    return new Reader(this.client.listen({ leaseName }, this.metadata));
  }

  [Symbol.dispose](): void {
    this.client.close();
  }
}

/** A server stream, read one message at a time. */
export class Reader<T> {
  readonly #call: ClientReadableStream<T>;
  readonly #messages: T[] = [];
  #wake = () => {};
  /** Settles with code and details when the stream is over. */
  readonly over: Promise<{ code: number; details: string }>;
  /** Whether headers have arrived. */
  headers = false;

  constructor(call: ClientReadableStream<T>) {
    this.#call = call;
    call.on("metadata", () => this.headers = true);
    call.on("data", (message: T) => {
      this.#messages.push(message);
      this.#wake();
    });
    // The status contains the same error.
    call.on("error", () => {});
    this.over = new Promise((resolve) => call.once("status", resolve));
  }

  /** Messages that have arrived and were not read yet. */
  get waiting(): number {
    return this.#messages.length;
  }

  /** The next message. @throws {Error} if the stream ends, or none comes within 10 s */
  async next(): Promise<T> {
    const message = this.#messages.shift() ?? await this.#arrival();
    if (message === undefined) throw new Error("Cannot read a message: none came within 10 s");
    return message;
  }

  /** Closes the stream. */
  async cancel(): Promise<void> {
    this.#call.cancel();
    await this.over;
  }

  #arrival(): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => resolve(undefined), 10_000);
      this.#wake = () => {
        this.#wake = () => {};
        clearTimeout(timer);
        resolve(this.#messages.shift());
      };
      this.over.then(({ code, details }) => {
        clearTimeout(timer);
        reject(new Error(`Cannot read a message: the stream ended with ${code} ${details}`));
      });
    });
  }
}
