/** What is compared: invocations of both `j`, and how far they may differ. @module */
import type { Name } from "../../bench/exporters.ts";
import type { Site } from "../site.ts";
import type { Reason } from "./reasons.ts";

/** What a run came to. */
export interface Observation {
  readonly stdout: string;
  readonly stderr: string;
  /** All that a terminal showed, where the run had one; then there is no other output. */
  readonly screen: string;
  readonly exit: string;
  /** Files that it wrote, what drivers and devices received, what others saw of it. */
  readonly effects: string;
}

/** A part of an {@linkcode Observation}. */
export type Aspect = keyof Observation;

/** Something to do as soon as the output, or a file, matches. */
export interface Step {
  readonly after: RegExp;
  /** Name of the file in the working folder. @default both outputs, or the terminal */
  readonly in?: string;
  /** Types it, on a terminal, once that is in raw mode. */
  readonly type?: string;
  /** Sends it to the program. */
  readonly signal?: Deno.Signal;
  /** Talks to the program by other ways; what it returns belongs to the effects. */
  talk?(match: RegExpExecArray, cwd: string): Promise<string>;
}

/** An invocation. */
export interface Case {
  /** WEB stands for the URL of a web server with an image. */
  readonly args: readonly string[];
  /** Standard input. @default "" */
  readonly input?: string;
  /** Whether it runs on a terminal of 80 columns. @default false */
  readonly terminal?: boolean;
  /** Files in its working folder. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** In this order. */
  readonly steps?: readonly Step[];
  /** What differs between runs of the same program, such as a port. */
  readonly masks?: readonly RegExp[];
  /** Kills the official one so many milliseconds after the last step, where it may not end. */
  readonly graceMs?: number;
  /** The only exporter that has the driver in such a state. @default both */
  readonly only?: Name;
  /** How ours differs from the official one. */
  readonly differs?: Partial<Readonly<Record<Aspect, Reason>>>;
  /** Differences with the official exporter only. */
  readonly differsThere?: Partial<Readonly<Record<Aspect, Reason>>>;
  /** Differences with our exporter only. */
  readonly differsHere?: Partial<Readonly<Record<Aspect, Reason>>>;
}

/** The commands of a kind of drivers. */
export interface Family {
  readonly title: string;
  /** Entries of `export:` */
  drivers(site: Site, exporter: Name): Readonly<Record<string, unknown>>;
  /** By what the table calls a command; run in this order. */
  readonly commands: Readonly<Record<string, readonly Case[]>>;
}
