/** A router that costs little time, because both exporters wait for it. @module */
import { Code } from "../../src/wire/code.ts";
import { GrpcServer } from "../../src/wire/grpc/server.ts";
import type { ServerCall } from "../../src/wire/grpc/server_call.ts";
import { RouterServiceService } from "../../src/wire/gen/jumpstarter/v1/router.ts";
import { certificates } from "../controller/tls.ts";

/** Joins two calls with the same token, and forwards their messages without parsing. */
export class BenchRouter implements AsyncDisposable {
  readonly #waiting = new Map<string, ServerCall>();
  readonly #server = new GrpcServer({
    methods: new Map([[RouterServiceService.stream.path, (call) => this.#open(call)]]),
  });
  #port = 0;

  /** Starts one with the certificate of the test controller. */
  static async start(): Promise<BenchRouter> {
    const router = new BenchRouter();
    const { certPem: cert, keyPem: key } = (await certificates()).server;
    const place = { hostname: "127.0.0.1", port: 0, keys: { cert, key } };
    router.#port = await router.#server.listen(place);
    return router;
  }

  /** Host and port. */
  get endpoint(): string {
    return `localhost:${this.#port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }

  #open(call: ServerCall): Promise<void> {
    const token = call.header("authorization") ?? "";
    const first = this.#waiting.get(token);
    call.begin();
    if (first) {
      this.#waiting.delete(token);
      forward(first, call);
      forward(call, first);
    } else this.#waiting.set(token, call);
    return new Promise((resolve) => call.signal.addEventListener("abort", () => resolve()));
  }
}

function forward(from: ServerCall, to: ServerCall): void {
  from.listenToBytes({
    bytes: (bytes) => to.sendBytes(bytes),
    // There is room again, so its sender may continue.
    drained: () => to.resume(),
    end: () => {},
    closed: () => to.close(Code.CANCELLED, "the other party left"),
  });
}
