/** The two exporters and the two clients: each client on each exporter. @module */
import { environment } from "../../bench/environment.ts";
import { command, type Name } from "../../bench/exporters.ts";
import { until } from "../../until.ts";
import { jmp } from "../exporter.ts";
import { ChildProcess } from "../process.ts";
import { openSite, type Site } from "../site.ts";
import { standaloneConfig, TRUSTED } from "../transports.ts";
import { Launcher, OFFICIAL_J } from "./launcher.ts";
import type { Bench } from "./observe.ts";

/** Python drivers that write a line for each call into the file EVENTS. */
const drivers = new URL("./drivers", import.meta.url).pathname;

/** Starts an exporter of its own, with devices of its own, for the `j` of `client`. */
export async function openBench(
  exporter: Name,
  client: Name,
  tree: (site: Site) => Record<string, unknown>,
): Promise<Bench & AsyncDisposable> {
  await using stack = new AsyncDisposableStack();
  const site = stack.use(await openSite());
  const bin = site.client.env["PATH"]!.split(":")[0]!;
  const socket = `${site.dir}/exporter.sock`;
  const config = await site.write("exporter.yaml", standaloneConfig(tree(site)));
  const EVENTS = await site.write("events", "");
  const paths = { JMP_PYTHON: `${bin}/python`, PYTHONPATH: drivers, EVENTS };
  const process = stack.use(
    new ChildProcess(command(exporter, bin, { config, socket }), {
      env: { ...site.client.env, ...site.env, ...paths },
    }),
  );
  stack.defer(async () => {
    process.kill("SIGTERM");
    await process.finished(30_000);
  });
  await serving(process, socket);
  const launcher = stack.use(new Launcher(site.client));
  const web = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, serveImage);
  stack.defer(() => web.shutdown());
  const owned = stack.move();
  return {
    launcher,
    client,
    j: client === "official" ? [OFFICIAL_J] : jmp("j"),
    env: {
      ...environment(site.client.env),
      ...TRUSTED,
      JUMPSTARTER_HOST: socket,
      // The official one stands by for types that ours does not know.
      JMP_J: "native",
    },
    dir: site.dir,
    web: `http://127.0.0.1:${web.addr.port}`,
    events: [EVENTS, `${site.dir}/sink`],
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function serving(exporter: ChildProcess, socket: string): Promise<void> {
  let over = false;
  exporter.finished(10 * 60_000).then(() => over = true, () => over = true);
  await until(async () => over || await Deno.stat(socket).then(() => true, () => false), 60_000);
  if (over) throw new Error(`the exporter ended:\n${exporter.log}`);
}

/** What every path of the web server has. */
function serveImage({ method }: Request): Response {
  const image = "an image of the web\n".repeat(40);
  const headers = { "content-length": String(image.length) };
  return new Response(method === "HEAD" ? null : image, { headers });
}
