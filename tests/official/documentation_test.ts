import assert from "node:assert/strict";
import { ExporterProcess } from "./exporter.ts";
import { openSite } from "./site.ts";
import { TRUSTED } from "./transports.ts";

const example = new URL("../config/good/documentation.yaml", import.meta.url);

interface Raised {
  readonly class: string;
  readonly text: string;
}

interface Shown {
  readonly clients: Readonly<Record<string, { readonly client: string; readonly uuid: string }>>;
  readonly greeting: string;
  readonly reading: readonly number[];
  readonly power: Raised;
  readonly reference: Raised;
  readonly storage: Raised;
}

Deno.test("the documentation's config starts, and says of each driver what it lacks", async () => {
  await using site = await openSite();
  const text = await Deno.readTextFile(example);
  assert.ok(text.includes("/dev/ttyUSB0"));
  const file = await site.write(
    "documentation.yaml",
    text.replace("/dev/ttyUSB0", site.devices.echo_pty),
  );
  const { exporter, match } = await ExporterProcess.start(
    ["--exporter-config", file, "--tls-grpc-listener", "127.0.0.1:0", "--tls-grpc-insecure"],
    { env: site.env, ready: /Serving .* on (127\.0\.0\.1:\d+)/ },
  );
  await using _ = exporter;
  const env = { ...TRUSTED, JUMPSTARTER_HOST: match[1]!, JMP_GRPC_INSECURE: "1" };
  const shown = await site.client.show<Shown>("check_custom", env);
  assert.deepEqual(classes(shown), {
    power: "jumpstarter_driver_power.client.PowerClient",
    serial: "jumpstarter_driver_pyserial.client.PySerialClient",
    storage: "jumpstarter_driver_opendal.client.StorageMuxFlasherClient",
    custom: "jumpstarter_driver_power.client.PowerClient",
    reference: "jumpstarter_driver_power.client.PowerClient",
  });
  assert.equal(shown.clients["reference"]?.uuid, shown.clients["power"]?.uuid);
  assert.equal(shown.greeting, "hello bench, hello world");
  assert.deepEqual(shown.reading, [12]);
  assert.match(exporter.child.log, /hello world/);
  for (const name of ["power", "reference"] as const) {
    assert.match(shown[name].text, /Cannot find the YKUSH: expected .* 'YK25838'/);
  }
  assert.match(shown.storage.text, /Cannot find the SDWire: expected .* 'sdw-00001'/);
});

function classes({ clients }: Shown): Record<string, string> {
  return Object.fromEntries(Object.entries(clients).map(([name, { client }]) => [name, client]));
}
