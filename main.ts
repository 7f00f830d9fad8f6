/** The `jmp` command: the Jumpstarter exporter in one file. @module */
import { main } from "./src/cli/main.ts";

// Under Deno, node:http2 keeps timers that outlive closed channels, so exit explicitly.
Deno.exit(await main(Deno.args));
