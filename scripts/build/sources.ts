/** Finds the copied sources that can become part of the program. @module */

/** Their paths in `sources`, without tests and helpers of tests. */
export async function* shipped(sources: string, dir = ""): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(`${sources}/${dir}`)) {
    const path = dir ? `${dir}/${name}` : name;
    if (isDirectory) yield* shipped(sources, path);
    else if (/\.[jt]s$/.test(name) && !/(_test|_bench|testing)\.ts$/.test(name)) yield path;
  }
}
