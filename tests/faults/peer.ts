/** A controller with its router as a process of its own, so that it can be stopped. @module */
import { parse, stringify } from "yaml";
import { ExporterStatus } from "../../src/wire/gen/jumpstarter/v1/common.ts";
import { ClientServiceService } from "../../src/wire/gen/jumpstarter/client/v1/client.ts";
import { Connection, identityMetadata } from "../controller/connection.ts";
import { resourceName } from "../controller/names.ts";
import type { Identity } from "../controller/records.ts";
import { pause } from "./fault.ts";

const PROGRAM = new URL("../controller/main.ts", import.meta.url).pathname;

interface Description {
  readonly endpoint: string;
  readonly ca: string;
  readonly exporters: [string];
  readonly clients: [string];
}

/** A running controller that knows the exporter `demo` and the client `tester`. */
export class Peer implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #output: ReadableStream<Uint8Array>;
  readonly #description: Description;

  private constructor(
    child: Deno.ChildProcess,
    output: ReadableStream<Uint8Array>,
    description: Description,
  ) {
    this.#child = child;
    this.#output = output;
    this.#description = description;
  }

  /** Starts one whose exporter serves the YAML tree in `exports`. */
  static async start(exports: string): Promise<Peer> {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", PROGRAM, "--export", exports],
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const [head, rest] = child.stdout.tee();
    let text = "";
    for await (const part of head.pipeThrough(new TextDecoderStream())) {
      text += part;
      if (text.endsWith("}\n")) break;
    }
    return new Peer(child, rest, JSON.parse(text));
  }

  /** The exporter's config with some more channel options. */
  async exporterConfig(grpcOptions: Record<string, number>): Promise<string> {
    const [file] = this.#description.exporters;
    const config = parse(await Deno.readTextFile(file));
    await Deno.writeTextFile(file, stringify({ ...config, grpcOptions }), { mode: 0o600 });
    return file;
  }

  /** Path of the client's config. */
  get clientConfig(): string {
    return this.#description.clients[0];
  }

  /** Stops it (SIGSTOP): connections stay open, but nobody answers. */
  stop(): void {
    this.#child.kill("SIGSTOP");
  }

  /** Continues it (SIGCONT). */
  continue(): void {
    this.#child.kill("SIGCONT");
  }

  /** Waits until the exporter can be leased. @throws {Error} after `withinMs` */
  async available(withinMs: number): Promise<void> {
    const { endpoint, ca, clients } = this.#description;
    const { metadata, token } = parse(await Deno.readTextFile(clients[0]));
    const identity: Identity = { ...metadata, token };
    using connection = new Connection({ endpoint, caPem: await Deno.readTextFile(ca) });
    const name = resourceName(identity.namespace, "exporters", "demo");
    const options = { metadata: identityMetadata("Client", identity) };
    const request = { name, showHiddenLabels: false };
    const deadline = Date.now() + withinMs;
    for (;;) {
      const asked = connection.ask(ClientServiceService.getExporter, request, options);
      const exporter = await asked.catch(() => undefined);
      if (exporter?.status === ExporterStatus.EXPORTER_STATUS_AVAILABLE) return;
      if (Date.now() > deadline) throw new Error("Cannot see the exporter become available");
      await pause(50);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.continue();
    this.#child.kill("SIGTERM");
    await this.#child.status;
    await this.#output.cancel();
  }
}
