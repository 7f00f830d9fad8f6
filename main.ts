/** The `jmp` command: the Jumpstarter exporter in one file. @module */
import { main } from "./src/cli/main.ts";

// Node's http2 keeps timers that outlive closed channels under Deno, so the end is said aloud.
Deno.exit(await main(Deno.args));
