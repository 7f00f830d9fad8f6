/** An exporter of a test controller, with a local socket and a driver that notes its life. @module */
import { connectSession, type SessionAddress } from "../src/client/connect.ts";
import type { SessionClient } from "../src/client/session_client.ts";
import { defineDriver, z } from "../src/driver/mod.ts";
import { LocalServer } from "../src/exporter/local/server.ts";
import { Log } from "../src/log/log.ts";
import { TestController } from "./controller/controller.ts";
import type { StartOptions } from "./exporter.ts";
import { type Hooks, type Lab, labOf, reported, uuidOf } from "./hook_lab.ts";
import { ExporterStatus } from "../src/wire/gen/jumpstarter/v1/common.ts";

/** A step of a driver that the test may delay. */
export class Step {
  #gate = Promise.resolve();
  /** Lets the waiting driver go on. */
  release: () => void = () => {};

  /** Delays the step until `release`. */
  hold(): void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#gate = promise;
    this.release = resolve;
  }

  /** Waits until the step may be taken. */
  passed(): Promise<void> {
    return this.#gate;
  }
}

/** Disposing it ends the connections, the exporter and the controller. */
export class LocalLab implements AsyncDisposable {
  /** What the driver has done: `open 1`, `on 1`, `closed 1`; numbered by instance. */
  readonly notes: string[] = [];
  readonly opening = new Step();
  readonly closing = new Step();
  readonly #scope = new AsyncDisposableStack();
  lab!: Lab;
  #count = 0;

  static async start(hooks: Hooks = {}, options: StartOptions = {}): Promise<LocalLab> {
    const place = new LocalLab();
    const { controller, running } = place.lab = await labOf(
      await TestController.start(),
      { power: { type: "test.Noting" } },
      { hooks },
      { ...options, manifests: [place.#manifest()] },
    );
    place.#scope.use(place.lab);
    const folder = await Deno.makeTempDir({ prefix: "jmp-local-" });
    place.#scope.defer(() => Deno.remove(folder, { recursive: true }));
    const env = (name: string) => name === "RUNTIME_DIRECTORY" ? folder : undefined;
    const server = await LocalServer.open(running.exporter.local, { log: new Log(), env });
    place.#address = { kind: "local", exporter: place.#scope.use(server!).path };
    await reported(controller, ExporterStatus.EXPORTER_STATUS_AVAILABLE);
    await controller.next("Status");
    return place;
  }

  #address!: Omit<SessionAddress & { kind: "local" }, "force">;

  /** The path of the exporter's socket. */
  get path(): string {
    return this.#address.exporter;
  }

  /** A process of the host that connects to the exporter. */
  async connect(force = false): Promise<SessionClient> {
    return this.#scope.use(await connectSession({ ...this.#address, force }));
  }

  /** Calls a method of the driver. */
  async call(client: SessionClient, method: string): Promise<unknown> {
    return await client.call(await uuidOf(client, "power"), method);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.opening.release();
    this.closing.release();
    await this.#scope.disposeAsync();
  }

  #manifest() {
    return defineDriver({
      type: "test.Noting",
      client: "jumpstarter_driver_power.client.PowerClient",
      config: z.any(),
      open: async ({ scope }) => {
        const number = ++this.#count;
        scope.defer(async () => {
          await this.closing.passed();
          this.notes.push(`closed ${number}`);
        });
        await this.opening.passed();
        this.notes.push(`open ${number}`);
        return {
          calls: {
            on: () => void this.notes.push(`on ${number}`),
            hang: (_args, { signal }) => {
              this.notes.push(`hang ${number}`);
              return new Promise((_, reject) => {
                signal.addEventListener("abort", () => reject(signal.reason));
              });
            },
          },
        };
      },
    });
  }
}
