/**
 * The benchmark: both exporters in turn, each time in a new process, under the load
 * of the official client.
 *
 * @module
 */
import { type Name, NAMES } from "./exporters.ts";
import { type Figures, less, type Samples } from "./figure.ts";
import { benchJ } from "./j.ts";
import type { Rig } from "./rig.ts";
import { type Image, writeImage } from "./image.ts";
import type { Scenario } from "./scenarios.ts";
import type { Transport } from "./connection.ts";
import { type TransportName, transports } from "./transports.ts";

/** Options of the benchmark. */
export interface Options {
  /** How often each exporter is started for each transport. */
  readonly reps: number;
  /** How long each scenario runs, in seconds, after a warm-up of half of that. */
  readonly seconds: number;
  readonly transports: readonly (TransportName | "j")[];
  /** Size of the image that storages are written with. @default 200 */
  readonly imageMb?: number;
  /** Only scenarios with this text in their name. @default "" */
  readonly only?: string;
  /** Called with a line for each step. */
  readonly progress: (line: string) => void;
}

/** The samples of one transport. */
export interface Result {
  readonly title: string;
  readonly figures: Figures;
  /** The runs of each exporter, oldest first. */
  readonly runs: Readonly<Record<Name, readonly Samples[]>>;
}

const AFTERWARDS: Figures = {
  peak_rss: less("memory at its peak, RSS", "MB"),
  loaded_rss: less("memory after all of it, RSS", "MB"),
  loaded_pss: less("memory after all of it, PSS", "MB"),
};

/** Measures everything that the options ask for. */
export async function bench(rig: Rig, options: Options): Promise<Result[]> {
  const results: Result[] = [];
  const image = await writeImage(rig.dir, options.imageMb ?? 200);
  for (const name of options.transports) {
    if (name === "j") {
      results.push(await benchJ(rig, image, options));
      continue;
    }
    await using transport = await transports[name](rig);
    results.push(await alternate(transport, image, options));
  }
  return results;
}

async function alternate(transport: Transport, image: Image, options: Options): Promise<Result> {
  const chosen = transport.scenarios.filter(({ name }) => name.includes(options.only ?? ""));
  const runs: Record<Name, Samples[]> = { official: [], ours: [] };
  for (let rep = 0; rep < options.reps; rep++) {
    // Alternates the order, so that drift of the machine affects both alike.
    for (const name of rep % 2 === 0 ? NAMES : NAMES.toReversed()) {
      options.progress(`${transport.title}: ${name}, ${rep + 1} of ${options.reps}`);
      runs[name].push(await run(transport, name, chosen, { image, seconds: options.seconds }));
    }
  }
  const figures = [transport.figures, ...chosen.map(({ figures }) => figures), AFTERWARDS];
  return { title: transport.title, figures: Object.assign({}, ...figures), runs };
}

async function run(
  transport: Transport,
  name: Name,
  chosen: readonly Scenario[],
  options: { readonly image: Image; readonly seconds: number },
): Promise<Samples> {
  await using connection = await transport.connect(name);
  const { exporter, load } = connection;
  const samples: Record<string, number> = { ...connection.samples };
  for (const scenario of chosen) {
    try {
      Object.assign(samples, await scenario.measure({ load, exporter, ...options }));
    } catch (cause) {
      const what = `Cannot measure '${scenario.name}' of the ${name} exporter`;
      throw new Error(`${what}: ${cause}\nThe exporter said:\n${exporter.tail}`, { cause });
    }
  }
  const { rss, pss, peak } = exporter.memory();
  return { ...samples, peak_rss: peak, loaded_rss: rss, loaded_pss: pss };
}
