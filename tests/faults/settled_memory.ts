/**
 * Loaded into an exporter before its program: at SIGUSR2 it collects garbage and
 * writes the remaining {@linkcode Deno.MemoryUsage} to the file `SETTLED_MEMORY`.
 *
 * @module
 */
import { collect } from "../collect.ts";

const path = Deno.env.get("SETTLED_MEMORY")!;

Deno.addSignalListener("SIGUSR2", async () => {
  for (let round = 0; round < 5; round++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await Deno.writeTextFile(`${path}.new`, JSON.stringify(Deno.memoryUsage()));
  await Deno.rename(`${path}.new`, path);
});
