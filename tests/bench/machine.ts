/** Where and when the figures were taken. @module */
import type { Rig } from "./rig.ts";

/** The conditions that the figures depend on. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly kernel: string;
  readonly deno: string;
  readonly python: string;
  readonly grpcio: string;
  /** The built binary, if it is measured instead of the sources. */
  readonly binary?: string;
}

/** Finds the conditions; the load reports the versions of the official side. */
export async function lookAround(rig: Rig): Promise<Machine> {
  const cpuinfo = await Deno.readTextFile("/proc/cpuinfo").catch(() => "");
  await using load = rig.startLoad();
  const versions = await load.ask<{ python: string; grpcio: string }>({ do: "versions" });
  const binary = Deno.env.get("JMP_TEST_BINARY");
  return {
    cpu: /^model name\s*: (.*)$/m.exec(cpuinfo)?.[1] ?? Deno.build.arch,
    cores: navigator.hardwareConcurrency,
    memoryGb: Math.round(Deno.systemMemoryInfo().total / 1e9),
    kernel: Deno.osRelease(),
    deno: Deno.version.deno,
    ...versions,
    ...(binary && { binary: binary.split("/").at(-1)! }),
  };
}

/** How busy the machine is: runnable processes, mean of the last minute. */
export function loadAverage(): number {
  return Deno.loadavg()[0]!;
}

/** A paragraph for the end of the report. */
export function describe(machine: Machine, loads: readonly [number, number]): string {
  const { cpu, cores, memoryGb, kernel, deno, python, grpcio, binary } = machine;
  return `Medians. ${cores} cores (${cpu}), ${memoryGb} GB, Linux ${kernel}; ` +
    `official exporter 0.9.0 on Python ${python} with grpcio ${grpcio}; ` +
    `ours as ${binary ?? `sources on Deno ${deno}`}. ` +
    `Load of the machine: ${loads[0].toFixed(1)} at the start, ${
      loads[1].toFixed(1)
    } at the end, ` +
    "the benchmark's own included.";
}
