/**
 * The keys `runtime:` and `host:` of an entry, by which the Rust exporter of the official project
 * (in development) starts the programs of drivers that are not written in Python.
 *
 * @module
 */
import { InvalidArgument } from "../../driver/mod.ts";
import { oneOf } from "../../text/enumerate.ts";
import { describeValue } from "../../text/value.ts";

/** The runtimes of drivers. */
const RUNTIMES = ["python", "rust", "jvm"] as const;
type Runtime = typeof RUNTIMES[number];

/** Reads an environment variable. */
export type Environment = (name: string) => string | undefined;

/**
 * The program that hosts the driver of an entry without `host:`.
 *
 * @returns undefined for a driver in Python, also where the entry names no runtime.
 * @throws {InvalidArgument} if the runtime is unknown, or the program cannot be told from the type.
 */
export function runtimeProgram(type: string, runtime: unknown, env: Environment) {
  switch (runtimeOf(type, runtime)) {
    case "python":
      return undefined;
    case "rust":
      return env("JMP_RUST_DRIVER_HOST") || crateProgram(type);
    case "jvm":
      return env("JMP_JVM_DRIVER_HOST") || "jumpstarter-exporter-host";
  }
}

/** @throws {InvalidArgument} if `runtime` is none of the three */
function runtimeOf(type: string, runtime: unknown): Runtime {
  if (runtime === undefined || runtime === null) {
    return RUNTIMES.find((name) => type.startsWith(`${name}:`)) ?? "python";
  }
  const known = RUNTIMES.find((name) => name === runtime);
  if (known) return known;
  const names = oneOf(RUNTIMES.map((name) => `'${name}'`));
  throw new InvalidArgument(`'runtime': expected ${names}, found ${describeValue(runtime)}`);
}

/** `rust:CRATE` is hosted by a program of that name. */
function crateProgram(type: string): string {
  const [, crate] = /^rust:([^:]*)/.exec(type) ?? [];
  if (crate === undefined) return "jmp-rust-host";
  if (crate !== "" && !crate.includes("/")) return crate;
  throw new InvalidArgument(
    `'type': expected rust:CRATE, found ${describeValue(type)}; to name a program by its path, ` +
      "write host: /path/of/it",
  );
}
