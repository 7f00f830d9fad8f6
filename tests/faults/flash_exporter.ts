/** The exporter's program with an additional driver: {@linkcode flasher}. @module */
import { factories } from "../../drivers/mod.ts";
import { main } from "../../src/cli/main.ts";
import type { DriverFactory } from "../../src/driver/mod.ts";
import { flasher } from "./flasher.ts";

// The list is the program's own; a test may add to it before it is read.
(factories as DriverFactory[]).push(flasher);

Deno.exit(await main(Deno.args));
