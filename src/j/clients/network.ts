/** Network endpoints: `NetworkClient` and `DbusNetworkClient`. @module */
import type { DriverClient } from "../../client/driver_client.ts";
import {
  type Forward,
  type ForwardOptions,
  forwardTcp,
  forwardUnix,
} from "../../client/forward.ts";
import { isMissingMethod } from "../../client/missing_method.ts";
import { Code, codeOf, messageOf } from "../../wire/error.ts";
import type { JCommand } from "../command.ts";
import { type ClientCommands, type Context, JError, subcommand } from "../context.ts";
import { integerFrom } from "../values.ts";

/** `jumpstarter_driver_network.client.NetworkClient` */
export const network: ClientCommands = {
  summary: "Network connection",
  add(command, driver, context) {
    const add = (name: string, text: string) => subcommand(command, driver, name, text);
    const options: ForwardOptions = {
      open: (signal) => driver.bytes("connect", { signal }),
      warn: (line) => context.output.error(line),
    };
    addAddress(add("address", ABOUT_ADDRESS), driver, context);
    add("forward-tcp", "Forward a local TCP port through the exporter\n\nPORT 0 is any free port.")
      .option("--address <TEXT>", "Local address or host name  [default: localhost]", "localhost")
      .argument("<port>", "", integerFrom(0, 65535))
      .action(async (port: number, { address: host }: { address: string }) => {
        await hold(await forwardTcp({ host, port }, options), driver, context);
      });
    add("forward-unix", ABOUT_UNIX).argument("[path]")
      .action(async (path: string | undefined) => {
        await hold(await forwardUnix(path, options), driver, context);
      });
  },
};

const ABOUT_ADDRESS = "Print the address, for a connection without the exporter";

const ABOUT_UNIX = `Forward a local Unix socket through the exporter

PATH is where the socket is created; by default in a new folder below $XDG_RUNTIME_DIR.`;

/** Keeps a forward open until it is interrupted, or the exporter is gone. */
async function hold(opened: Forward, { closed }: DriverClient, { output, signal }: Context) {
  await using forward = opened;
  output.line(forward.address);
  await Promise.race([closed, aborted(signal)]);
  signal.throwIfAborted();
  throw new JError("lost the connection to the exporter; the forward ends");
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
}

function addAddress(command: JCommand, driver: DriverClient, context: Context): void {
  command
    .option("--host", "Print the host only")
    .option("--port", "Print the port only")
    .action(async (only: { host?: boolean; port?: boolean }) => {
      const { host, port } = splitAddress(await askAddress(driver, context.signal));
      const { output } = context;
      if (context.json) return output.json({ host, port: port === "" ? null : Number(port) });
      if (only.host === only.port) output.line(joined(host, port));
      else output.line(only.host ? host : port);
    });
}

async function askAddress(driver: DriverClient, signal: AbortSignal): Promise<string> {
  try {
    return String(await driver.call("address", [], { signal }));
  } catch (error) {
    if (isMissingMethod(error)) {
      throw new JError("this driver has no address that could be used without the exporter");
    }
    if (codeOf(error) !== Code.INVALID_ARGUMENT) throw error;
    throw new JError(`the exporter does not tell the address: ${messageOf(error)}`);
  }
}

/** The parts of `host:port`, or of a URL; the port is empty where there is none. */
export function splitAddress(address: string): { host: string; port: string } {
  const pattern = /^(?:[a-z][a-z0-9+.-]*:\/\/)?(?:[^@/]*@)?(?:\[([^\]]*)\]|([^:/?#]*))(?::(\d+))?/i;
  const [, literal, name = "", port = ""] = pattern.exec(address) ?? [];
  return { host: literal ?? name, port };
}

function joined(host: string, port: string): string {
  const bracketed = host.includes(":") ? `[${host}]` : host;
  return port === "" ? bracketed : `${bracketed}:${port}`;
}
