/** The resources of a process, and whether they have grown. @module */
import { setImmediate } from "node:timers";
// Not the global one, which a fake clock replaces.
import { setTimeout } from "node:timers/promises";
import { collect } from "../collect.ts";
import type { ExporterProcess } from "./exporter_process.ts";
import type { Bench } from "./fault.ts";

/** Measured at one moment. */
export interface Footprint {
  readonly descriptors: number;
  /** Processes that it started and that still run. */
  readonly children: number;
  /** Resident memory. V8 keeps pages for later, so it is reported but not checked. */
  readonly rssMb: number;
  /** The heap and its buffers after garbage collection. */
  readonly heapMb?: number;
  /** Memory of libraries and the runtime, outside of the heap, without mapped files. */
  readonly nativeMb?: number;
}

/** The footprint of an exporter that runs. */
export async function footprint(exporter: ExporterProcess): Promise<Footprint> {
  return await footprintOf(exporter.pid, await exporter.settledMemory());
}

/** The footprint of this process, which may have a fake clock. */
export async function ownFootprint(): Promise<Footprint> {
  for (let round = 0; round < 5; round++) {
    collect();
    await new Promise<void>((resolve) => void setImmediate(resolve));
  }
  return await footprintOf(Deno.pid, Deno.memoryUsage());
}

/** @throws {Error} if the process has ended */
async function footprintOf(pid: number, memory?: Deno.MemoryUsage): Promise<Footprint> {
  const seen = {
    descriptors: (await Array.fromAsync(Deno.readDir(`/proc/${pid}/fd`))).length,
    children: (await childrenOf(pid)).length,
    rssMb: rounded(await resident(pid, "VmRSS")),
  };
  if (!memory) return seen;
  const { heapUsed, heapTotal, external } = memory;
  const nativeMb = await resident(pid, "RssAnon") - heapTotal / MB;
  return { ...seen, heapMb: rounded((heapUsed + external) / MB), nativeMb: rounded(nativeMb) };
}

const MB = 1024 * 1024;

/** Resets the peak. */
export async function resetPeak(pid: number): Promise<void> {
  await Deno.writeTextFile(`/proc/${pid}/clear_refs`, "5");
}

/** The peak of resident memory since the reset, in MB. */
export async function peak(pid: number): Promise<number> {
  return Math.round(await resident(pid, "VmHWM"));
}

/** A field of proc(5)'s status, in MB. */
async function resident(pid: number, field: "VmRSS" | "RssAnon" | "VmHWM"): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? 0) / 1024;
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

/** The processes that `pid` started and that still run. */
export async function childrenOf(pid: number): Promise<string[]> {
  const children: string[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await Deno.readTextFile(`/proc/${name}/stat`).catch(() => "");
    // The program's name, in parentheses, may hold anything; state and parent follow it.
    const parent = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1];
    if (Number(parent) === pid) children.push(name);
  }
  return children;
}

/**
 * Allowed growth: a socket that is about to close, code that was compiled since, and what an
 * allocator keeps. A lease that leaks would cost some 20 kB.
 */
const SLACK = { descriptors: 3, children: 0, heapMb: 5, nativeMb: 20 };

/**
 * Measures until the footprint is no larger than `before`, because sockets may take a moment to
 * close, and adds both to the table.
 *
 * @throws {Error} if it stays larger for 10 s
 */
export async function staysFlat(
  bench: Bench,
  before: Footprint,
  measure: () => Promise<Footprint>,
): Promise<void> {
  let now = await measure();
  for (const end = Date.now() + 10_000; growth(before, now) && Date.now() < end;) {
    await setTimeout(250);
    now = await measure();
  }
  const grown = growth(before, now);
  if (grown) throw new Error(`The exporter holds more than before: ${grown}`);
  bench.note(compare(before, now));
}

/** In what `now` is larger than `before`, or undefined. */
function growth(before: Footprint, now: Footprint): string | undefined {
  for (const key of ["descriptors", "children", "heapMb", "nativeMb"] as const) {
    const [was, is] = [before[key], now[key]];
    if (was === undefined || is === undefined) continue;
    if (is > was + SLACK[key]) return `${key}: ${was} became ${is}`;
  }
  return undefined;
}

/** A footprint and a later one, for the table. */
function compare(before: Footprint, now: Footprint): string {
  const names = { descriptors: "descriptors", children: "children" };
  const memory = { heapMb: "heap (MB)", nativeMb: "native (MB)", rssMb: "resident (MB)" };
  return (Object.entries({ ...names, ...memory }) as [keyof Footprint, string][])
    .filter(([key]) => now[key] !== undefined)
    .map(([key, name]) => `${name} ${before[key]}→${now[key]}`).join(", ");
}
