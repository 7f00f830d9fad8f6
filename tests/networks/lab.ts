/** Controller and router outside, an exporter at the site, an official client outside. @module */
import { parse, stringify } from "yaml";
import { ExporterStatus } from "../../src/wire/gen/jumpstarter/v1/common.ts";
import { TestController } from "../controller/controller.ts";
import { type ExporterRecord, key } from "../controller/records.ts";
import { RECOVERY_MS } from "../faults/fault.ts";
import { ExporterProcess } from "../faults/exporter_process.ts";
import { EXPORT, LOCAL_NAME } from "../faults/lab.ts";
import { OfficialClient } from "../faults/official_client.ts";
import { until } from "../until.ts";
import { Middlebox, OUTSIDE } from "./middlebox.ts";

/** The name of controller and router at the site, where `hosts` of the lab's folder defines it. */
export const NAME = "controller.site.test";

/** A command that executes others with names of their own. */
function withNames(hosts: string): string[] {
  return ["unshare", "-m", "sh", "-c", 'mount --bind "$0" /etc/hosts && exec "$@"', hosts];
}

/** Options of a lab. */
export interface NetworkOptions {
  /** Replace those of the lab. @default the exporter's own defaults */
  readonly grpcOptions?: Record<string, number>;
  /** @default a few drivers */
  readonly export?: Record<string, unknown>;
}

/** @see module */
export class NetworkLab implements AsyncDisposable {
  readonly dir: string;
  readonly controller: TestController;
  readonly box: Middlebox;
  readonly exporter: ExporterProcess;
  readonly #scope: AsyncDisposableStack;

  private constructor(
    parts: Pick<NetworkLab, "dir" | "controller" | "box" | "exporter">,
    scope: AsyncDisposableStack,
  ) {
    this.dir = parts.dir;
    this.controller = parts.controller;
    this.box = parts.box;
    this.exporter = parts.exporter;
    this.#scope = scope;
  }

  /** Opens a lab on a network as `prepare` leaves it, and starts the exporter. */
  static async start(
    { grpcOptions, export: tree = EXPORT }: NetworkOptions = {},
    prepare: (box: Middlebox, dir: string) => unknown = () => {},
  ): Promise<NetworkLab> {
    await using scope = new AsyncDisposableStack();
    const dir = await Deno.makeTempDir({ prefix: "jmp-network-" });
    scope.defer(() => Deno.remove(dir, { recursive: true }));
    const box = scope.use(await Middlebox.open());
    await writeHosts(dir, [OUTSIDE]);
    await prepare(box, dir);
    const controller = scope.use(await TestController.start({ host: NAME, address: OUTSIDE }));
    controller.addExporter({ name: "demo" });
    controller.addClient({ name: "tester" });
    const config = `${dir}/exporter.yaml`;
    const options = { ...grpcOptions, ...LOCAL_NAME };
    const text = controller.exporterConfigYaml("demo", tree, { grpcOptions: options });
    await Deno.writeTextFile(config, text, { mode: 0o600 });
    const env = { RUNTIME_DIRECTORY: dir, XDG_CONFIG_HOME: dir };
    const wrapper = [...box.wrapper, ...withNames(`${dir}/hosts`)];
    const exporter = scope.use(new ExporterProcess({ config, env, wrapper }));
    return new NetworkLab({ dir, controller, box, exporter }, scope.move());
  }

  /** Starts an official client, which reaches controller and router directly. */
  async official(): Promise<OfficialClient> {
    const text = this.controller.clientConfigYaml("tester", { unsafe: true });
    const endpoint = `${OUTSIDE}:${this.controller.front.port}`;
    const config = `${this.dir}/client.yaml`;
    const grpcOptions = LOCAL_NAME;
    await Deno.writeTextFile(config, stringify({ ...parse(text), endpoint, grpcOptions }));
    const hosts = `${this.dir}/outside-hosts`;
    await Deno.writeTextFile(hosts, `127.0.0.1 localhost\n${OUTSIDE} ${NAME}\n`);
    const client = await OfficialClient.start(this.dir, config, "demo", withNames(hosts));
    return this.#scope.use(client);
  }

  /** Starts such a client, which has leased the exporter and used a driver. */
  async leased(): Promise<OfficialClient> {
    const client = await this.official();
    await client.lease();
    await client.works();
    return client;
  }

  /** Waits until the exporter can be leased. @throws {Error} with the exporter's log */
  async available(withinMs = RECOVERY_MS): Promise<void> {
    const ready = () =>
      this.record.status === ExporterStatus.EXPORTER_STATUS_AVAILABLE && this.record.streams > 0;
    await until(ready, withinMs).catch(() => {
      throw new Error(`Cannot see AVAILABLE; the exporter said:\n${this.exporter.tail()}`);
    });
  }

  get record(): ExporterRecord {
    return this.controller.store.exporters.get(key("lab", "demo"))!;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#scope.disposeAsync();
  }
}

/** Defines {@linkcode NAME} at the site. Writes in place, because the mount binds the file. */
export async function writeHosts(dir: string, addresses: readonly string[]): Promise<void> {
  const lines = ["127.0.0.1 localhost", ...addresses.map((address) => `${address} ${NAME}`)];
  await Deno.writeTextFile(`${dir}/hosts`, `${lines.join("\n")}\n`);
}
