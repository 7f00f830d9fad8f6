/** Listeners that must not be open. @module */
import { stringify } from "yaml";
import { certificates } from "../controller/tls.ts";
import { freePort } from "../official/storage.ts";
import type { Host, HostAttack } from "./host.ts";

const CONFIG = stringify({
  apiVersion: "jumpstarter.dev/v1alpha1",
  kind: "ExporterConfig",
  metadata: { namespace: "lab", name: "attacked" },
  export: { power: { type: "jumpstarter_driver_power.driver.MockPower" } },
});

/** Starts an exporter that must refuse to start. @returns its output */
async function refused(host: Host, args: string[], env: Record<string, string> = {}) {
  const file = await host.write("exporter.yaml", CONFIG);
  const { code, stderr } = await host.run(["run", "--exporter-config", file, ...args], env);
  if (code === 0 || code > 2) {
    throw new Error(`expected a refusal of ${args}, found ${code}: ${stderr}`);
  }
  return stderr;
}

const openDoors: HostAttack = {
  name: "open-doors",
  async run(host) {
    const { server, otherCa } = await certificates();
    const cert = await host.write("cert.pem", server.certPem);
    const key = await host.write("key.pem", server.keyPem);
    const other = await host.write("other.pem", otherCa.keyPem);
    const keys = ["--tls-cert", cert, "--tls-key", key];
    const [everywhere, here] = [`0.0.0.0:${freePort()}`, `127.0.0.1:${freePort()}`];
    const listen = (place: string, ...more: string[]) => ["--tls-grpc-listener", place, ...more];
    const said = [
      await refused(host, listen(everywhere, ...keys)),
      await refused(host, listen(everywhere, "--tls-grpc-insecure")),
      await refused(host, listen(everywhere, ...keys, "--passphrase", "")),
      await refused(host, listen(here, ...keys, "--passphrase", " ")),
      await refused(host, listen(here, ...keys), { JMP_PASSPHRASE: "" }),
      await refused(host, listen(here, "--tls-cert", cert, "--tls-key", other)),
    ];
    if (!said[5]!.includes(cert) || !said[5]!.includes(other)) {
      throw new Error(`expected both files to be named, found ${said[5]}`);
    }
    return `${said.length} ways in, each refused`;
  },
};

const barePort: HostAttack = {
  name: "bare-port",
  async run(host) {
    const port = freePort();
    const file = await host.write("exporter.yaml", CONFIG);
    const args = ["--tls-grpc-listener", String(port), "--tls-grpc-insecure"];
    const exporter = host.start(["run", "--exporter-config", file, ...args]);
    await exporter.saying(/Serving .* on 127\.0\.0\.1/);
    const open = await listening(port);
    if (open.length === 0) throw new Error(`it does not listen: ${exporter.log}`);
    if (open.some((address) => !/^0100007F$|^0{24}01000000$/.test(address))) {
      throw new Error(`a bare port is open at ${open}`);
    }
    exporter.kill("SIGTERM");
    await exporter.finished(20_000);
    return "loopback alone";
  },
};

/** The addresses at which `port` is open, as proc(5) writes them: 0100007F is 127.0.0.1. */
async function listening(port: number): Promise<string[]> {
  const tables = await Promise.all(
    ["tcp", "tcp6"].map((name) => Deno.readTextFile(`/proc/net/${name}`)),
  );
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return tables.join("\n").split("\n").map((line) => line.trim().split(/\s+/))
    .filter((row) => row[3] === "0A" && row[1]!.endsWith(wanted))
    .map((row) => row[1]!.slice(0, -wanted.length));
}

/** In the order in which they run. */
export const doors: readonly HostAttack[] = [openDoors, barePort];
