/** Finding the exporters of a host by name, in a folder in place of `/run/jumpstarter`. */
import assert from "node:assert/strict";
import { NEIGHBOUR } from "../../files/testing.ts";
import { listenPrivately } from "../../files/socket.ts";
import { LocalFolder } from "../../exporter/local/testing.ts";
import type { LocalTarget } from "../../exporter/local/target.ts";
import { Code } from "../../wire/error.ts";
import { dialLocalExporter } from "./exporter.ts";

/** Serves by closing the link, and notes that it was asked. */
function target(namespace: string, name: string, file = `/etc/jumpstarter/exporters/${name}.yaml`) {
  const visits: boolean[] = [];
  const served: LocalTarget = {
    local: { namespace, name, file },
    admit: ({ force }) => {
      visits.push(force);
      return Promise.resolve({ serve: (link) => link.close(), [Symbol.dispose]() {} });
    },
  };
  return { ...served, visits };
}

function dial(folder: LocalFolder, exporter: string, force = false) {
  const { signal } = new AbortController();
  return dialLocalExporter(exporter, {
    root: folder.path,
    uid: 12345,
    env: () => "",
    signal,
    force,
  });
}

Deno.test("dialLocalExporter() finds an exporter by name, namespace, socket, config and alias", async () => {
  await using folder = new LocalFolder();
  const config = `${folder.path}/board-7.yaml`;
  await Deno.writeTextFile(config, "");
  await Deno.symlink(config, `${folder.path}/link.yaml`);
  const demo = target("lab", "demo.a", config);
  const { path } = await folder.open(demo, { unit: "board-7" });
  await folder.open(target("lab", "other"));
  const ways = ["demo.a", "lab/demo.a", path, config, `${folder.path}/link.yaml`, "board-7"];
  for (const way of ways) (await dial(folder, way, way === "demo.a")).close();
  assert.deepEqual(demo.visits, [true, false, false, false, false, false]);
});

Deno.test("dialLocalExporter() names the choices where a name means several", async () => {
  await using folder = new LocalFolder();
  const [one, two] = [target("lab", "demo"), target("office", "demo")];
  await folder.open(one, { unit: "one" });
  await folder.open(two);
  await assert.rejects(dial(folder, "demo"), {
    name: "LocalExporterError",
    code: Code.INVALID_ARGUMENT,
    message: /^several exporters of this host are named 'demo': choose (lab|office)\/demo or /,
  });
  (await dial(folder, "office/demo")).close();
  assert.deepEqual([one.visits, two.visits], [[], [false]]);
  await folder.open(one);
  await assert.rejects(dial(folder, "lab/demo"), /choose \/\S+\/lab\.demo\.sock or \/\S+\.sock$/);
});

Deno.test("dialLocalExporter() names the exporters that run instead, and recognizes sockets that were left behind", async () => {
  await using folder = new LocalFolder();
  await assert.rejects(dial(folder, "demo"), {
    code: Code.NOT_FOUND,
    message: "the exporter 'demo' does not run on this host; no exporter runs here",
  });
  await folder.open(target("lab", "other"));
  listenPrivately(`${folder.path}/lab.demo.sock`).close();
  await assert.rejects(dial(folder, "demo"), {
    message: "the exporter 'demo' does not run on this host: its process has ended, and left its " +
      "socket; running: lab/other",
  });
  await assert.rejects(
    dial(folder, "./demo.yaml"),
    /does not run on this host; running: lab\/other$/,
  );
  // The same name, once left behind and once alive.
  await folder.open(target("lab", "demo"), { unit: "demo" });
  (await dial(folder, "demo")).close();
});

Deno.test("dialLocalExporter() passes on why an exporter refuses, and names what is no exporter", async () => {
  await using folder = new LocalFolder();
  const path = `${folder.path}/x.sock`;
  using listener = Deno.listen({ transport: "unix", path });
  const answers = ['{"error":"not today","code":9}\n', "\0\0\0HTTP/2\n", ""];
  const serving = (async () => {
    for (const answer of answers) {
      const conn = await listener.accept();
      await conn.read(new Uint8Array(1_000));
      await conn.write(new TextEncoder().encode(answer));
      conn.close();
    }
  })();
  await assert.rejects(dial(folder, path), { code: 9, message: "not today" });
  await assert.rejects(
    dial(folder, path),
    /it is not a socket for --exporter; JUMPSTARTER_HOST may/,
  );
  await assert.rejects(dial(folder, path), { code: 14, message: /it closed the connection$/ });
  await serving;
  const gone = `${folder.path}/gone.sock`;
  await assert.rejects(dial(folder, gone), {
    message: `Cannot connect to ${gone}: no exporter runs there`,
  });
});

Deno.test("dialLocalExporter() gives up when it is told to", async () => {
  await using folder = new LocalFolder();
  const path = `${folder.path}/silent.sock`;
  using _listener = Deno.listen({ transport: "unix", path });
  const controller = new AbortController();
  const reason = new Error("enough");
  const dialing = dialLocalExporter(path, { signal: controller.signal });
  setTimeout(() => controller.abort(reason), 50);
  await assert.rejects(dialing, reason);
});

Deno.test("another user is told which group to join", async () => {
  assert.equal(Deno.uid(), 0, "this test acts for two users: run it as root");
  await using folder = new LocalFolder();
  const [closed, open] = [target("lab", "closed"), target("lab", "open")];
  const { path } = await folder.open(closed, { group: "dialout", unit: "board-7" });
  await folder.open(open, { group: "nogroup" });
  await Deno.chmod(`${folder.path}/board-7`, 0o755);
  const said = await asNeighbour(folder, [
    "closed",
    "board-7",
    "nope",
    "/etc/jumpstarter/exporters/closed.yaml",
    "open",
  ]);
  const refusal = `Cannot connect to ${path}: only root and the group dialout may use this ` +
    'exporter: sudo usermod -aG dialout "$USER", and log in again';
  const none = "the exporter 'nope' does not run on this host; running: lab/open, lab/closed";
  assert.deepEqual(said, [refusal, refusal, none, refusal, "connected"]);
  assert.deepEqual([closed.visits, open.visits], [[], [false]]);
});

/** What comes of dialing, as another user: an error's message, or `connected`. */
async function asNeighbour({ path }: LocalFolder, exporters: readonly string[]): Promise<string[]> {
  const script = `
    import { dialLocalExporter } from "${new URL("./exporter.ts", import.meta.url)}";
    const { signal } = new AbortController();
    for (const exporter of ${JSON.stringify(exporters)}) {
      const options = { signal, env: () => "", root: ${JSON.stringify(path)} };
      console.log(await dialLocalExporter(exporter, options).then((link) => {
        link.close();
        return "connected";
      }, ({ message }) => message));
    }
  `;
  const file = `${path}/dial.ts`;
  await Deno.writeTextFile(file, script);
  await Deno.chmod(file, 0o644);
  const { stdout, stderr } = await new Deno.Command("setpriv", {
    args: [
      ...[`--reuid=${NEIGHBOUR}`, `--regid=${NEIGHBOUR}`, "--clear-groups", Deno.execPath()],
      ...["run", "-A", "--no-check", "--no-lock", file],
    ],
    env: { DENO_DIR: Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno` },
  }).output();
  const text = new TextDecoder().decode(stdout).trim();
  if (text === "") throw new Error(new TextDecoder().decode(stderr));
  return text.split("\n");
}
