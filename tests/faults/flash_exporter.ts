/** The exporter's program with an additional driver: {@linkcode flasher}. @module */
import { manifests } from "../../drivers/mod.ts";
import { main } from "../../src/cli/main.ts";
import type { DriverManifest } from "../../src/driver/mod.ts";
import { flasher } from "./flasher.ts";

// The list is the program's own; a test may add to it before it is read.
(manifests as DriverManifest[]).push(flasher);

Deno.exit(await main(Deno.args));
