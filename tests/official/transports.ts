/** The ways from the official client to our exporter. @module */
import { stringify } from "yaml";
import { TestController } from "../controller/controller.ts";
import { certificates } from "../controller/tls.ts";
import type { Env } from "./client.ts";
import { ExporterProcess } from "./exporter.ts";
import { driverTree, type Site } from "./site.ts";

/** A running exporter, and how to reach it. */
export interface Connection extends AsyncDisposable {
  readonly exporter: ExporterProcess;
  /** The environment of programs that use the library. */
  readonly env: Env;
  /** `command` as a user runs it: inside of the official `jmp shell`, if this way needs it. */
  shell(...command: string[]): string[];
}

/** One way. */
export interface Transport {
  readonly name: string;
  /** @param tree what is exported. @default driverTree(site.devices) */
  connect(site: Site, tree?: Record<string, unknown>): Promise<Connection>;
}

/** The client trusts the client classes that an exporter names. */
export const TRUSTED: Env = { JMP_DRIVERS_ALLOW: "UNSAFE", _JMP_SUPPRESS_DRIVER_WARNINGS: "1" };

/** An ExporterConfig without a controller. */
export function standaloneConfig(tree: Record<string, unknown>): string {
  return stringify({
    apiVersion: "jumpstarter.dev/v1alpha1",
    kind: "ExporterConfig",
    metadata: { namespace: "lab", name: "board" },
    export: tree,
    // Version 1.1 quotes keys such as `on`, which official exporters need.
  }, { version: "1.1" });
}

/** `jmp run --listen unix:…` */
export const localSocket: Transport = {
  name: "a local socket",
  async connect(site, tree = driverTree(site.devices)) {
    const path = `${site.dir}/exporter.sock`;
    const file = await site.write("exporter.yaml", standaloneConfig(tree));
    const { exporter } = await ExporterProcess.start(
      ["--exporter-config", file, "--listen", `unix:${path}`],
      { env: site.env, ready: /Serving .* on unix:/ },
    );
    return {
      exporter,
      env: { ...TRUSTED, JUMPSTARTER_HOST: path },
      shell: (...command) => command,
      [Symbol.asyncDispose]: () => exporter[Symbol.asyncDispose](),
    };
  },
};

/** Direct mode over TLS with a passphrase. */
export const direct: Transport = {
  name: "TLS in direct mode",
  async connect(site, tree = driverTree(site.devices)) {
    const { caPem, server } = await certificates();
    const file = await site.write("exporter.yaml", standaloneConfig(tree));
    const passphrase = "open sesame";
    const { exporter, match } = await ExporterProcess.start([
      ...["--exporter-config", file, "--tls-grpc-listener", "127.0.0.1:0"],
      ...["--tls-cert", await site.write("cert.pem", server.certPem)],
      ...["--tls-key", await site.write("key.pem", server.keyPem)],
      ...["--passphrase", passphrase],
    ], { env: site.env, ready: /Serving .* on (127\.0\.0\.1:\d+)/ });
    const address = match[1]!;
    // In direct mode only the client's gRPC library has a setting for a CA of one's own.
    const roots = { GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: await site.write("ca.pem", caPem) };
    return {
      exporter,
      env: { ...TRUSTED, ...roots, JUMPSTARTER_HOST: address, JMP_GRPC_PASSPHRASE: passphrase },
      shell: (...command) => [
        ...["jmp", "shell", "--tls-grpc", address, "--passphrase", passphrase, "--", ...command],
      ],
      [Symbol.asyncDispose]: () => exporter[Symbol.asyncDispose](),
    };
  },
};

/** A controller and a router, under one lease. */
export const controlled: Transport = {
  name: "a controller and a router",
  async connect(site, tree = driverTree(site.devices)) {
    await using stack = new AsyncDisposableStack();
    const controller = stack.use(await TestController.start());
    controller.addClient({ name: "tester" });
    const exporter = stack.use(
      await startLeasable(site, controller, "board", tree),
    );
    const config = await site.write(
      "client.yaml",
      controller.clientConfigYaml("tester", { unsafe: true }),
    );
    const lease = controller.lease("board", "tester");
    const owned = stack.move();
    return {
      exporter,
      env: { TEST_CLIENT_CONFIG: config, JMP_LEASE: lease.name },
      shell: (...command) => [
        ...["jmp", "shell", "--client-config", config, "--lease", lease.name, "--", ...command],
      ],
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    };
  },
};

/**
 * Starts an exporter and waits until the controller could lease it.
 *
 * @param more further keys of its config.
 */
export async function startLeasable(
  site: Pick<Site, "env" | "write">,
  controller: TestController,
  name: string,
  tree: Record<string, unknown>,
  more: Record<string, unknown> = {},
): Promise<ExporterProcess> {
  controller.addExporter({ name, labels: { board: name } });
  const config = controller.exporterConfigYaml(name, tree, more);
  const file = await site.write(`exporter-${name}.yaml`, config);
  const { exporter } = await ExporterProcess.start(["--exporter-config", file], {
    env: site.env,
    ready: /Registered as lab\//,
  });
  const record = controller.store.exporters.get(`lab/${name}`)!;
  try {
    await until(() => record.streams > 0, () => `a Status stream of ${name}`);
  } catch (error) {
    await exporter[Symbol.asyncDispose]();
    throw error;
  }
  return exporter;
}

/** Longest wait for the exporter: a hang guard. */
const SOON_MS = 90_000;

/** Waits until `condition` holds, within a bound that is a hang guard. */
export async function until(condition: () => boolean, expected: () => string): Promise<void> {
  for (const start = Date.now(); !condition();) {
    if (Date.now() - start > SOON_MS) throw new Error(`Expected ${expected()}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
