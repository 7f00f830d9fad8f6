/**
 * Loaded into an exporter before its program: at SIGUSR2 it frees whatever can be freed
 * and writes what is left, as {@linkcode Deno.MemoryUsage}, to the file `SETTLED_MEMORY`.
 *
 * @module
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");
const path = Deno.env.get("SETTLED_MEMORY")!;

Deno.addSignalListener("SIGUSR2", async () => {
  // What the finalizers of one collection let go of is freed by the next.
  for (let round = 0; round < 5; round++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await Deno.writeTextFile(`${path}.new`, JSON.stringify(Deno.memoryUsage()));
  await Deno.rename(`${path}.new`, path);
});
