/** Texts about the progress of a transfer. @module */
import { printable } from "../text/printable.ts";

/** The state of a transfer. */
export interface Transferred {
  /** What is transferred: the name of a file. */
  readonly label: string;
  /** Bytes so far. */
  readonly bytes: number;
  /** Bytes in all, where it is known. */
  readonly total?: number | undefined;
  /** Seconds so far. */
  readonly seconds: number;
  /** Bytes per second, recently. */
  readonly rate: number;
}

const MEGABYTE = 1e6;
/** Widest and narrowest bar, in columns, and widest label. */
const BAR = { most: 30, least: 8 } as const;
const LABEL = 16;
const GAP = "  ";

/**
 * The line of a terminal: label, percent, bar, size, speed and remaining time. What does not fit is
 * left out, the least important first.
 *
 * @param columns the room; the last column stays free, where some terminals wrap
 */
export function progressBar(state: Transferred, columns: number): string {
  const { total } = state;
  const room = columns - 1;
  const label = shortened(printable(state.label), LABEL);
  const percent = total === undefined ? "" : percentOf(state);
  // Padded, so that the bar keeps its width.
  const size = sizes(state).padStart(sizes({ ...state, bytes: total ?? 0 }).length);
  const speed = speedOf(state).padStart("100.0 MB/s".length);
  const left = remaining(state);
  const choices = [
    [label, percent, size, speed, left],
    [label, percent, size, speed],
    [percent, size, speed],
    [percent, size],
    [percent || size],
  ];
  const fitting = choices.map((parts) => parts.filter((part) => part !== ""))
    .find((parts) => widthOf(parts.join(GAP)) <= room) ?? [];
  const free = room - widthOf(fitting.join(GAP)) - GAP.length;
  if (total === undefined || free < BAR.least) return fitting.join(GAP);
  const at = fitting.indexOf(percent) + 1;
  return fitting.toSpliced(at, 0, bar(fraction(state), Math.min(free, BAR.most))).join(GAP);
}

/** A line for a log: `sd.img: 461.0 of 1024.0 MB (45%), 85.3 MB/s, 0:06 left`. */
export function progressReport(state: Transferred): string {
  const percent = state.total === undefined ? "" : ` (${percentOf(state).trim()})`;
  const parts = [`${sizes(state)}${percent}`, speedOf(state), remaining(state)];
  return `${state.label}: ${parts.filter((part) => part !== "").join(", ")}`;
}

/** The last line: `sd.img: 1024.0 MB in 0:12, 85.3 MB/s`. */
export function transferReport({ label, bytes, seconds }: Transferred): string {
  const speed = megabytes(bytes / Math.max(seconds, 1e-3));
  return `${label}: ${megabytes(bytes)} MB in ${clock(seconds)}, ${speed} MB/s`;
}

function sizes({ bytes, total }: Transferred): string {
  const done = megabytes(bytes);
  return total === undefined ? `${done} MB` : `${done} of ${megabytes(total)} MB`;
}

function speedOf({ rate }: Transferred): string {
  return `${megabytes(rate)} MB/s`;
}

/** The remaining time. How long the exporter works after the last byte is unknown. */
function remaining({ bytes, total, rate }: Transferred): string {
  if (total === undefined) return "";
  if (bytes >= total) return "finishing";
  const seconds = (total - bytes) / rate;
  return `${Number.isFinite(seconds) ? clock(seconds) : "-:--"} left`;
}

function percentOf(state: Transferred): string {
  return `${Math.floor(fraction(state) * 100)}%`.padStart(4);
}

/** A file can grow while it is read. */
function fraction({ bytes, total = 0 }: Transferred): number {
  return total === 0 ? 1 : Math.min(1, bytes / total);
}

/** ASCII: a terminal may know no other characters. */
function bar(part: number, columns: number): string {
  const inner = columns - 2;
  return `[${"#".repeat(Math.floor(part * inner)).padEnd(inner, ".")}]`;
}

function megabytes(bytes: number): string {
  return (bytes / MEGABYTE).toFixed(1);
}

/** `0:06`, `1:02:03` */
function clock(seconds: number): string {
  const all = Math.round(seconds);
  const [hours, minutes] = [Math.floor(all / 3600), Math.floor(all / 60) % 60];
  const rest = String(all % 60).padStart(2, "0");
  if (hours === 0) return `${minutes}:${rest}`;
  return `${hours}:${String(minutes).padStart(2, "0")}:${rest}`;
}

/** Columns that a text takes; characters beyond Latin ones may take two. */
function widthOf(text: string): number {
  return Array.from(text).reduce((sum, char) => sum + (char.codePointAt(0)! < 0x300 ? 1 : 2), 0);
}

/** The end of a name tells more than its beginning. */
function shortened(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  const characters = Array.from(text);
  while (widthOf(characters.join("")) > columns - 3) characters.shift();
  return `...${characters.join("")}`;
}
