/** `hwgrep://`: finds a port by a pattern. @module */
import { findHolder, HardwareProblem } from "../../src/driver/mod.ts";
import { type SerialPort, serialPorts } from "./ports.ts";
import type { Search } from "./search_url.ts";

/** A port, and a warning if several match. */
export interface FoundPort {
  readonly device: string;
  readonly problem?: HardwareProblem;
}

/**
 * Finds the port. Called for each opening, because device numbers change when devices are plugged
 * in again.
 *
 * @param ports the ports to search. @default {those of the host}
 * @throws {HardwareProblem} if none matches.
 */
export async function findPort(search: Search, ports?: SerialPort[]): Promise<FoundPort> {
  const { url, pattern, nth, skipBusy } = search;
  const all = ports ?? await serialPorts();
  const matching = all.filter(({ device, description, hwid }) => {
    return [device, description, hwid].some((text) => pattern.test(text));
  });
  const free = skipBusy ? await withoutBusy(matching) : matching;
  const port = free[(nth ?? 1) - 1];
  if (!port) throw missing(search, all, free);
  if (nth !== undefined || free.length === 1) return { device: port.device };
  const candidates = free.map(describe);
  const problem = new HardwareProblem(
    "ambiguous",
    `Using ${port.device}: expected one serial port that ${url} matches, found ` +
      `${free.length}; make the pattern in 'url' more specific, or append &n=1`,
    { candidates, usable: true },
  );
  return { device: port.device, problem };
}

async function withoutBusy(ports: readonly SerialPort[]): Promise<SerialPort[]> {
  const held = await Promise.all(ports.map(({ device }) => findHolder(device)));
  return ports.filter((_, index) => held[index] === undefined);
}

function missing({ url, nth }: Search, all: SerialPort[], free: SerialPort[]): HardwareProblem {
  const candidates = all.map(describe);
  const found = free.length > 0
    ? `${free.length} that match`
    : candidates.length > 0
    ? `none among ${candidates.join(", ")}`
    : "no serial port";
  const wanted = nth === undefined
    ? "a serial port that matches it"
    : `${nth} serial ports that match it`;
  return new HardwareProblem(
    "missing",
    `Cannot find ${url}: expected ${wanted}, found ${found}; plug it in, or correct 'url' in the driver's config`,
    { candidates },
  );
}

function describe({ device, description, hwid }: SerialPort): string {
  return `${device} (${description}, ${hwid})`;
}
