/** Files that a neighbour plants where the program might search. @module */

/** Files for the folders above a cache, and a config that would use all of them. */
export async function plantAbove(dir: string): Promise<AsyncDisposable & { config: string }> {
  await using scope = new AsyncDisposableStack();
  const write = async (path: string, text: string) => {
    await Deno.mkdir(`${dir}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeTextFile(`${dir}/${path}`, text);
    scope.defer(() =>
      Deno.remove(`${dir}/${path.split("/")[0]}`, { recursive: true }).catch(() => {})
    );
  };
  const evil = 'console.error("PLANTED"); module.exports = {};';
  const names = ["bufferutil", "utf-8-validate", "supports-color", "usb", "ws", "zod", "node:fs"];
  for (const name of names) await write(`node_modules/${name}/index.js`, evil);
  await write("node_modules/@node-usb/usb-linux-x64-gnu/index.js", evil);
  await write("package.json", "{ this is no JSON");
  await write("deno.json", "{ this is no JSON");
  await write("deno.lock", "{ this is no JSON");
  await write("import_map.json", '{ "imports": { "node:fs": "./node_modules/ws/index.js" } }');
  await write(".npmrc", "registry=http://127.0.0.1:1/");
  await write(".env", "NODE_OPTIONS=--require ./node_modules/ws/index.js");
  await write("above.yaml", ABOVE);
  const undo = scope.move();
  return {
    config: `${dir}/above.yaml`,
    [Symbol.asyncDispose]: () => undo.disposeAsync(),
  };
}

const ABOVE = `apiVersion: jumpstarter.dev/v1alpha1
kind: ExporterConfig
metadata: { namespace: default, name: bench }
export:
  ws: { type: jumpstarter_driver_network.driver.WebsocketNetwork, config: { url: "ws://127.0.0.1:1/" } }
`;

/** Replaces the program in `home` by one that prints PLANTED, with files of the same sizes. */
export async function plantProgram(home: string): Promise<void> {
  const main = `${home}/main.js`;
  const text = await Deno.readTextFile(main);
  const end = text.indexOf("\n");
  const evil = 'console.log("PLANTED"); Deno.exit(0); //';
  await Deno.writeTextFile(main, evil.padEnd(end) + text.slice(end));
}
