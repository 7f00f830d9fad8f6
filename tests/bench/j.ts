/** Commands of both `j`, from their start to their end, with our exporter at a socket. @module */
import { jmp } from "../official/exporter.ts";
import { standaloneConfig, TRUSTED } from "../official/transports.ts";
import { until } from "../until.ts";
import type { Options, Result } from "./bench.ts";
import { said, start } from "./connection.ts";
import { environment } from "./environment.ts";
import { type Exporter, type Name, NAMES } from "./exporters.ts";
import { type Figures, less, more, type Samples } from "./figure.ts";
import type { Image } from "./image.ts";
import type { Peer } from "./peer.ts";
import type { Rig } from "./rig.ts";
import { median } from "./table.ts";

/** How often a short command is run for one sample. */
const RUNS = 3;

const FIGURES: Figures = {
  on: less("`j power on`", "ms"),
  on_cpu: less("`j power on`, CPU of `j`", "ms"),
  on_peak: less("`j power on`, memory of `j` at its peak, RSS", "MB"),
  flash: more("`j flasher flash` of an image", "MB/s"),
  flash_cpu: less("`j flasher flash`, CPU of `j` per MB", "ms"),
  dump: more("`j flasher dump` of it", "MB/s"),
  dump_cpu: less("`j flasher dump`, CPU of `j` per MB", "ms"),
  key: less("`j serial start-console`, a key to its echo, p50", "ms"),
};

/** What `programs/commands.py` measures. */
interface Ran {
  readonly seconds: number;
  readonly cpu_seconds: number;
  readonly peak_mb: number;
}

/** Measures each `j` in turn. */
export async function benchJ(
  rig: Rig,
  image: Image,
  { reps, seconds, progress }: Options,
): Promise<Result> {
  await using commands = rig.startCommands();
  await using _exporter = await serve(rig);
  const runs: Record<Name, Samples[]> = { official: [], ours: [] };
  for (let rep = 0; rep < reps; rep++) {
    for (const name of rep % 2 === 0 ? NAMES : NAMES.toReversed()) {
      progress(`j: ${name}, ${rep + 1} of ${reps}`);
      const j = { name, rig, commands };
      runs[name].push({
        ...await switched(j),
        ...await transferred(j, image),
        ...await typed(j, seconds),
      });
    }
  }
  return { title: "Commands of `j`, with their start", figures: FIGURES, runs };
}

/** One of both programs. */
interface J {
  readonly name: Name;
  readonly rig: Rig;
  readonly commands: Peer;
}

async function switched(j: J): Promise<Samples> {
  const all: Ran[] = [];
  for (let count = 0; count < RUNS; count++) all.push(await run(j, "power", "on"));
  return {
    on: median(all.map(({ seconds }) => seconds)) * 1e3,
    on_cpu: median(all.map(({ cpu_seconds }) => cpu_seconds)) * 1e3,
    on_peak: median(all.map(({ peak_mb }) => peak_mb)),
  };
}

async function transferred(j: J, { plain, mb }: Image): Promise<Samples> {
  const flash = await run(j, "flasher", "flash", plain);
  const dump = await run(j, "flasher", "dump", `${plain}.dump`);
  return {
    flash: mb / flash.seconds,
    flash_cpu: flash.cpu_seconds / mb * 1e3,
    dump: mb / dump.seconds,
    dump_cpu: dump.cpu_seconds / mb * 1e3,
  };
}

async function typed({ name, rig, commands }: J, seconds: number): Promise<Samples> {
  const { p50_ms } = await commands.ask<{ p50_ms: number }>({
    do: "type",
    ...commandOf(name, rig, ["serial", "start-console"]),
    banner: "x 3 times",
    seconds,
    leave: "\x02\x02\x02",
  });
  return { key: p50_ms };
}

function run({ name, rig, commands }: J, ...args: string[]): Promise<Ran> {
  return commands.ask<Ran>({ do: "run", ...commandOf(name, rig, args) });
}

function commandOf(name: Name, rig: Rig, args: readonly string[]) {
  const env = { ...TRUSTED, JUMPSTARTER_HOST: socketOf(rig), JMP_J: "native" };
  const argv = name === "ours" ? jmp("j", ...args) : [`${rig.bin}/j`, ...args];
  return { argv, env: environment({ ...rig.env, ...env }) };
}

/** Starts our exporter, for both. */
async function serve(rig: Rig): Promise<Exporter> {
  const config = await rig.write("j.yaml", standaloneConfig(rig.tree));
  const socket = socketOf(rig);
  const exporter = start(rig, "ours", { config, socket });
  try {
    await said(exporter, until(() => Deno.stat(socket).then(() => true, () => false)));
    return exporter;
  } catch (error) {
    await exporter[Symbol.asyncDispose]();
    throw error;
  }
}

function socketOf({ dir }: Rig): string {
  return `${dir}/j.sock`;
}
