/**
 * The `jmp` command: the Jumpstarter exporter in one file. Called `j`, or as `jmp j`, it is a client
 * of exporters, and loads nothing of the exporter.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { basename } from "node:path";

/** The export of each program. */
interface Program {
  main(args: readonly string[]): Promise<number>;
}

/** The name under which the program was started: that of the link, not of the file. */
const [called = ""] = readFileSync("/proc/self/cmdline", "utf8").split("\0");
const isNamedJ = basename(called) === "j";
const isJ = isNamedJ || Deno.args[0] === "j";
const program = isJ
  ? new URL("./src/j/main.ts", import.meta.url)
  : new URL("./src/cli/main.ts", import.meta.url);
const { main }: Program = await import(program.href);
// Under Deno, node:http2 keeps timers that outlive closed channels, so exit explicitly.
Deno.exit(await main(isJ && !isNamedJ ? Deno.args.slice(1) : Deno.args));
