/**
 * The calls of an exporter, one by one, for tests of the controller itself.
 *
 * @module
 */
import { ExporterStatus } from "../../src/wire/gen/jumpstarter/v1/common.ts";
import {
  ControllerServiceService as controllerService,
  type ListenResponse,
  type StatusResponse,
} from "../../src/wire/gen/jumpstarter/v1/jumpstarter.ts";
import type { CallSettings, ClientMethod } from "../../src/wire/grpc/client.ts";
import type { ClientCall } from "../../src/wire/grpc/client_call.ts";
import type { Status } from "../../src/wire/grpc/status.ts";
import type { Header } from "../../src/wire/http2/header_table.ts";
import { Connection, identityMetadata } from "./connection.ts";
import type { TestController } from "./controller.ts";
import type { Identity } from "./records.ts";

/** An exporter that makes only the calls of the test. */
export class RawExporter implements Disposable {
  readonly metadata: readonly Header[];
  readonly #connection: Connection;

  constructor(controller: TestController, identity: Identity) {
    this.#connection = new Connection(controller);
    this.metadata = identityMetadata("Exporter", identity);
  }

  /** Makes a unary call, as this exporter unless `settings` say otherwise. */
  ask<Request, Response>(
    method: ClientMethod<Request, Response>,
    request: Request,
    settings: CallSettings = {},
  ): Promise<Response> {
    return this.#connection.ask(method, request, { metadata: this.metadata, ...settings });
  }

  /** Registers with one driver instance and reports Available. */
  async start(): Promise<void> {
    await this.register();
    await this.report(ExporterStatus.EXPORTER_STATUS_AVAILABLE);
  }

  /** Registers with one driver instance. */
  register(labels: Record<string, string> = {}) {
    const report = { uuid: crypto.randomUUID(), labels: {}, methodsDescription: {} };
    return this.ask(controllerService.register, { labels, reports: [report] });
  }

  /** Reports a status. */
  report(status: ExporterStatus, fields: { message?: string; releaseLease?: boolean } = {}) {
    return this.ask(controllerService.reportStatus, { status, ...fields });
  }

  /** Opens a Status stream. */
  status(): Reader<StatusResponse> {
    return this.#read(controllerService.status, {});
  }

  /** Opens a Listen stream. */
  listen(leaseName: string): Reader<ListenResponse> {
    return this.#read(controllerService.listen, { leaseName });
  }

  [Symbol.dispose](): void {
    this.#connection[Symbol.dispose]();
  }

  #read<Request, Response>(method: ClientMethod<Request, Response>, request: Request) {
    const call = this.#connection.client.then((client) => {
      const call = client.call(method.path, { metadata: this.metadata });
      call.send(method.requestSerialize(request));
      call.halfClose();
      return call;
    });
    return new Reader(call, method.responseDeserialize);
  }
}

/** A server stream, read one message at a time. */
export class Reader<T> {
  readonly #call: Promise<ClientCall>;
  readonly #messages: T[] = [];
  #wake = () => {};
  /** Settles with code and details when the stream is over. */
  readonly over: Promise<Status>;
  /** Whether headers have arrived. */
  headers = false;

  constructor(call: Promise<ClientCall>, decode: (bytes: never) => T) {
    this.#call = call;
    const ended = Promise.withResolvers<void>();
    call.then((call) => {
      call.metadata.then(() => this.headers = true, () => {});
      call.listen({
        message: (message) => {
          this.#messages.push(decode(message as never));
          this.#wake();
        },
        end() {},
        drained() {},
        closed: ended.resolve,
      });
    }, ended.reject);
    this.over = ended.promise.then(async () => (await call).status);
    this.over.catch(() => {});
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
    (await this.#call).cancel();
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
      }, reject);
    });
  }
}
