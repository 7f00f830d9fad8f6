/** `jmp sample`: serves a sample config, to try a client without hardware or a controller. @module */
import { Command } from "commander";
import { ProcessOwner } from "../process/owner.ts";
import { openLog, print } from "./common.ts";
import { availableDrivers, loadBuiltIn } from "./configs.ts";
import type { Finish } from "./finish.ts";
import { portNumber } from "./listen.ts";
import { standaloneResident } from "./serve.ts";
import sample from "./sample.yaml" with { type: "text" };

const PACKAGES = ["cli", "driver-power", "driver-pyserial", "driver-network", "driver-composite"];

/** Serves the built-in sample config on loopback and explains how to use it. */
export function sampleCommand(finish: Finish): Command {
  const command = new Command("sample")
    .description("serve a built-in sample config on loopback")
    .option("--port <port>", "port on 127.0.0.1; 0 for any free port", portNumber, 8090);
  return command.action(async ({ port }: { port: number }) => {
    const log = openLog(command);
    using owner = new ProcessOwner(log);
    await using drivers = availableDrivers(log);
    const config = await loadBuiltIn("the sample config", sample, drivers);
    const address = { kind: "tcp", host: "127.0.0.1", port } as const;
    const resident = standaloneResident({ config, log, address, onListening: explain });
    finish(await owner.run([resident]));
  });
}

function explain(address: string): void {
  const packages = PACKAGES.map((name) => `jumpstarter-${name}==0.9.0`).join(" ");
  const shell = `jmp shell --tls-grpc ${address} --tls-grpc-insecure --`;
  print(`
The sample exporter is ready. Use it with this program:

  jmp j --tls-grpc ${address} --tls-grpc-insecure power on

or with the official client (Python 3.11 or later):

  python3 -m venv client && client/bin/pip install ${packages}
  PATH=client/bin:$PATH client/bin/${shell} j power on
  PATH=client/bin:$PATH client/bin/${shell} sh -c 'echo hello | j serial pipe'

Press Ctrl-C to stop it.`);
}
