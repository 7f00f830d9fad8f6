/** Scenarios of an official client with storages, flashers and muxes, for all transports. @module */
import assert from "node:assert/strict";
import { succeeds } from "./client.ts";
import { openSite, type Site } from "./site.ts";
import type { Connection, Transport } from "./transports.ts";

const OPENDAL = "jumpstarter_driver_opendal.driver";

/** The `export:` tree of these tests; `port` is that of a web server on 127.0.0.1. */
export function storageTree(dir: string, port: number): Record<string, unknown> {
  const store = (scheme: string, kwargs: Record<string, string>) => ({
    type: `${OPENDAL}.Opendal`,
    config: { scheme, kwargs },
  });
  const endpoint = `http://127.0.0.1:${port}`;
  return {
    storage: store("fs", { root: `${dir}/storage` }),
    scratch: store("memory", {}),
    web: store("http", { endpoint }),
    rooted: store("http", { endpoint, root: "/root/x" }),
    guarded: store("http", { endpoint, username: "me", password: "pw" }),
    flasher: { type: `${OPENDAL}.MockFlasher` },
    mux: { type: `${OPENDAL}.MockStorageMux` },
    sdcard: { type: `${OPENDAL}.MockStorageMuxFlasher` },
    core: { type: "testing.Flasher" },
  };
}

interface Raised {
  readonly class: string;
  readonly text: string;
}

type Scenario = (site: Site, connection: Connection, port: number) => Promise<void>;

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  "images of every size pass in every encoding, both ways": passImages,
  "images come from and go to URLs by the exporter's own requests": useUrls,
  "a storage does what its client asks for": async ({ client, dir }, { env }) =>
    assert.equal(await client.show("check_storage", env, [dir]), "done"),
  "j flashes, dumps and switches": useCommands,
};

/** Runs every scenario against one exporter. */
export function testStorage(transport: Transport): void {
  Deno.test(`images pass over ${transport.name}`, async (t) => {
    await using site = await openSite();
    const port = freePort();
    await using connection = await transport.connect(site, storageTree(site.dir, port));
    for (const [name, scenario] of Object.entries(SCENARIOS)) {
      await t.step(name, async () => {
        const before = connection.exporter.child.log.length;
        try {
          await scenario(site, connection, port);
        } catch (error) {
          const log = connection.exporter.child.log.slice(before);
          (error as Error).message += `\nThe exporter said:\n${log}`;
          throw error;
        }
      });
    }
  });
}

/** A port that nobody listens on. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return (listener.addr as Deno.NetAddr).port;
}

async function passImages({ client, dir }: Site, { env, exporter }: Connection): Promise<void> {
  const sizes = "0,1,65537,3000000";
  const shown = await client.show<{ ways: string[]; errors: Record<string, Raised> }>(
    "check_images",
    env,
    [dir, sizes],
  );
  assert.deepEqual(shown.ways, ["flasher", "sdcard", "core"]);
  const { nothing, handle, method, noise, ...cut } = shown.errors;
  for (const [encoding, raised] of Object.entries({ ...cut, xz: noise! })) {
    assert.equal(raised.class, "DriverInvalidArgument", encoding);
    assert.match(raised.text, /Cannot decompress the image: expected whole \w+ data, found/);
  }
  assert.match(nothing!.text, /nothing was flashed in this lease/);
  // The official mocks accept an empty image, which a medium refuses.
  assert.match(exporter.child.log, /WARNING.*the image is empty: 0 bytes/);
  // Each encoding with metadata and with other bytes behind it; zeros belong to xz data.
  const ignored = exporter.child.log.matchAll(/WARNING.*the image has (\d+) bytes behind its/g);
  assert.deepEqual(Array.from(ignored, ([, count]) => Number(count)).sort((a, b) => a - b), [
    ...[37, 37, 37, 37, 600, 600, 600, 300_000, 300_000, 300_000, 300_000],
  ]);
  assert.equal(handle!.class, "DriverInvalidArgument");
  assert.equal(method!.class, "DriverMethodNotImplemented");
}

async function useUrls({ client, dir }: Site, { env }: Connection): Promise<void> {
  const { seen, received, errors } = await client.show<{
    seen: [string, string | null][];
    received: Record<string, number>;
    errors: Record<string, Raised>;
  }>("check_urls", env, [dir]);
  assert.deepEqual(seen, [
    ["/im%40ge?sig=%2F&x=a+b", null],
    ["/im%40ge?sig=%2F&x=a+b", null],
    ["/moved?sig", "yes"],
    ["/im%40ge?sig=%2F", null],
    ["/im%40ge", null],
    ["/missing?secret", null],
  ]);
  assert.deepEqual(received, { "/up%40load?sig": 5_000_003 });
  for (const { text } of Object.values(errors)) {
    assert.match(text, /gRPC UNKNOWN: Cannot download http:.*\?\[REDACTED\]: /);
    assert.doesNotMatch(text, /secret/);
  }
  assert.match(errors["unknown"]!.text, /expected content in the codings .*, found 'exi'/);
}

async function useCommands({ client, dir }: Site, { env, shell }: Connection): Promise<void> {
  const image = crypto.getRandomValues(new Uint8Array(60_000));
  await Deno.writeFile(`${dir}/j.img`, image);
  const commands = [
    `gzip -kf ${dir}/j.img`,
    `j flasher flash ${dir}/j.img`,
    `j flasher dump ${dir}/j.flasher`,
    `j flasher flash -t boot:${dir}/j.img`,
    `j flasher dump --target boot ${dir}/j.boot`,
    "j mux host",
    "j mux dut",
    "j mux off",
    `j sdcard flash ${dir}/j.img.gz --compression gzip`,
    `j sdcard dump ${dir}/j.sdcard`,
    `j sdcard dump ${dir}/j.sdcard.xz --compression xz`,
    `xz -df ${dir}/j.sdcard.xz`,
  ];
  const argv = shell("sh", "-ec", commands.join("\n"));
  await succeeds(client.run(argv, { env }));
  for (const name of ["j.flasher", "j.boot", "j.sdcard"]) {
    assert.deepEqual(await Deno.readFile(`${dir}/${name}`), image, name);
  }
}
