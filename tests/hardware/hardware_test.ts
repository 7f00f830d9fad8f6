/**
 * `deno task test:hardware`: the drivers on real kernel drivers and emulated devices. The tests
 * build on each other. One exporter without privileges serves nearly all of them, because an
 * emulated machine starts programs slowly.
 */
import assert from "node:assert/strict";
import { parse, stringify } from "yaml";
import { CARD_SIZE } from "./bench.ts";
import { Rig, type RunningExporter } from "./rig.ts";

const root = new URL("../../", import.meta.url).pathname;
const BY_ID = "/dev/serial/by-id/usb-FTDI_FT232R_USB_UART_A50285BI-if00-port0";

let rig: Rig;
let exporter: RunningExporter;
/** A folder of the host. */
let folder: string;

Deno.test.beforeAll(async () => {
  folder = await Deno.makeTempDir({ prefix: "jmp-images-" });
  rig = await Rig.start();
  const { hub, uart, mux, reader, factoryMux } = rig.bench;
  await rig.plug(hub, uart, mux, reader, factoryMux);
  exporter = await rig.export(config(await drivers()));
});

Deno.test.afterAll(async () => {
  await exporter?.[Symbol.asyncDispose]();
  await rig?.[Symbol.asyncDispose]();
  await Deno.remove(folder, { recursive: true });
});

interface Entry {
  readonly type: string;
  readonly config?: Readonly<Record<string, unknown>>;
}

/** The drivers of the exporter that nearly all tests use, by their purpose. */
async function drivers(): Promise<Record<string, Entry>> {
  const [byPath] = (await rig.machine.output("ls -d /dev/serial/by-path/*:1.0-port0")).split("\n");
  return {
    one: ykush("YK25838", "1", { default: "keep" }),
    two: ykush("YK25838", 2, { default: "keep" }),
    three: ykush("YK25838", "3", { default: "keep" }),
    all: ykush("YK25838", "all", { default: "keep" }),
    third: ykush("Y3N0001", "3"),
    wrong: ykush("YK99999", "1"),
    any: ykush(null, "2", { default: "keep" }),
    usual: serial("/dev/ttyUSB0"),
    slow: serial(BY_ID, { baudrate: 9600 }),
    odd: serial(byPath!, { baudrate: 250000 }),
    found: serial("hwgrep://0403:6001 ser=a50285bi"),
    kept: serial(BY_ID, { disable_hupcl: true }),
    paced: serial(BY_ID, { cps: 20 }),
    storage: sdwire({ serial: "sdw-00001" }),
    factory: sdwire({ usb_path: await rig.pathOf(rig.bench.factoryMux) }),
    wrongstorage: sdwire({ serial: "sdw-99999" }),
    anystorage: sdwire({}),
  };
}

function ykush(serial: string | null, port: string | number, more = {}): Entry {
  return {
    type: "jumpstarter_driver_yepkit.driver.Ykush",
    config: { ...(serial !== null && { serial }), port, ...more },
  };
}

function serial(url: string, more = {}): Entry {
  return { type: "jumpstarter_driver_pyserial.driver.PySerial", config: { url, ...more } };
}

function sdwire(more: Record<string, unknown>): Entry {
  return {
    type: "jumpstarter_driver_sdwire.driver.SDWire",
    config: { storage_leeway: 1, storage_timeout: 20, ...more },
  };
}

function config(tree: Record<string, Entry>): string {
  return stringify({
    apiVersion: "jumpstarter.dev/v1alpha1",
    kind: "ExporterConfig",
    metadata: { namespace: "lab", name: "bench" },
    export: tree,
  });
}

/** Polls until a condition holds; a hang guard ends it. */
async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!condition()) {
    assert.ok(Date.now() < deadline, `waited in vain for ${condition}; the log:\n${exporter.log}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

interface Row {
  readonly driver: string;
  readonly state: string;
  readonly message?: string;
  readonly candidates?: string[];
}

/** The rows of `jmp check`, by driver. */
async function check(tree: Record<string, Entry>, user: "jmp" | "outsider" = "jmp") {
  const file = await rig.write("/run/checked.yaml", config(tree));
  const { code, output } = await rig.jmp(`check --json ${file}`, user);
  const drivers: Row[] = JSON.parse(output)[0].drivers;
  const right = drivers.every(({ state }) => state === "ok");
  assert.equal(code, right ? 0 : 1);
  return new Map(drivers.map((row) => [row.driver, row]));
}

Deno.test("without udev rules, check and calls name the rule; with it, the next call works", async () => {
  const { hub } = rig.bench;
  const rows = await check({ power: ykush("YK25838", "1"), storage: sdwire({}) });
  for (const row of rows.values()) assert.equal(row.state, "no permission", row.message ?? "");
  const refused = await exporter.client.fails("client.one.on()");
  const told = /add this udev rule, .*: (SUBSYSTEM==.*?MODE="0660")/;
  const [, rule] = told.exec(rows.get("power")!.message!)!;
  assert.equal(told.exec(refused.text)?.[1], rule);
  await rig.write("/etc/udev/rules.d/99-told.rules", `${rule}\n`);
  await rig.reloadRules();
  hub.ports.fill(false);
  await exporter.client.run("client.one.on()");
  assert.equal(hub.power, "100");
  await rig.machine.output("rm /etc/udev/rules.d/99-told.rules");
});

Deno.test("the project's udev rules give all devices, and FTDI chips wait 1 ms", async () => {
  const { uart } = rig.bench;
  await rig.installRules();
  const tree = {
    power: ykush("YK25838", "1"),
    serial: serial(BY_ID),
    storage: sdwire({ serial: "sdw-00001" }),
    factory: sdwire({ usb_path: await rig.pathOf(rig.bench.factoryMux) }),
  };
  const rows = await check(tree);
  for (const { driver, state, message } of rows.values()) {
    assert.equal(state, "ok", `${driver} ${message}`);
  }
  assert.equal(uart.latency, 1);
  const outside = await check(tree, "outsider");
  for (
    const [driver, group] of [["power", "plugdev"], ["serial", "dialout"], ["storage", "plugdev"]]
  ) {
    assert.match(
      outside.get(driver!)!.message!,
      new RegExp(
        `found mode 660, group '${group}'.*add the exporter's user to the group '${group}'`,
      ),
    );
  }
});

Deno.test("power: each port of a YKUSH goes on and off, and all of them", async () => {
  const { hub } = rig.bench;
  hub.ports.fill(false);
  const steps = [["one", "100"], ["two", "010"], ["three", "001"], ["all", "111"]] as const;
  for (const [name, on] of steps) {
    await exporter.client.run(`client.${name}.on()`);
    assert.equal(hub.power, on, `${name} on`);
    await exporter.client.run(`client.${name}.off()`);
    assert.equal(hub.power, "000", `${name} off`);
  }
  const { kinds, text } = await exporter.client.fails("list(client.one.read())");
  assert.ok(kinds.includes("NotImplementedError"));
  assert.match(text, /measures nothing/);
});

Deno.test("power: no hub, a wrong serial number, two hubs without one: each has its message", async () => {
  const { hub, hub3 } = rig.bench;
  const { client } = exporter;
  const wrong = await client.fails("client.wrong.on()");
  assert.match(wrong.text, /expected a YKUSH with serial number 'YK99999', found .*'YK25838' at/);
  await rig.plug(hub3);
  await client.run("client.third.on()");
  assert.equal(hub3.commands.at(-1), 0x13);
  await client.run("client.any.on()");
  assert.match(exporter.log, /Using the YKUSH .*: expected one YKUSH, as no 'serial' is given/);
  const row = (await check({ any: ykush(null, "2") })).get("any")!;
  assert.equal(row.state, "ambiguous");
  assert.deepEqual(row.candidates?.map((text) => text.split("'")[1]), ["YK25838", "Y3N0001"]);
  await rig.unplug(hub, hub3);
  const none = await client.fails("client.any.on()");
  assert.match(none.text, /expected a YKUSH, found none; plug it in/);
});

Deno.test("power: a hub that is plugged in again works; one that is silent is told of", async () => {
  const { hub } = rig.bench;
  const { client } = exporter;
  await rig.plug(hub);
  await client.run("client.one.on()");
  assert.equal(hub.ports[0], true);
  hub.mute = true;
  const silent = await client.fails("client.one.off()");
  assert.match(silent.text, /DEADLINE_EXCEEDED.*expected an answer within 2 s, found none/s);
  hub.mute = false;
  await client.run("client.one.on()");
});

/** Claims interface 0 of the usbfs node that is its argument, and stays (USBDEVFS_CLAIMINTERFACE). */
const CLAIM = `
import fcntl, os, struct, sys, time
node = os.open(sys.argv[1], os.O_RDWR)
fcntl.ioctl(node, 0x8004550F, struct.pack("I", 0))
print("claimed", flush=True)
time.sleep(600)
`;

Deno.test("power: a hub that another program has claimed names the program", async () => {
  const program = await rig.write("/run/claim.py", CLAIM);
  const path = await rig.pathOf(rig.bench.hub);
  await using holder = await rig.machine.start({
    script: `cd /sys/bus/usb/devices/${path}; exec ${rig.python} ${program} ` +
      "$(printf /dev/bus/usb/%03d/%03d $(cat busnum) $(cat devnum))",
    user: "jmp",
  });
  await holder.saying(/claimed/);
  const { text } = await exporter.client.fails("client.one.off()");
  assert.match(text, /expected exclusive access, but process \d+ \(.*python.* has it open/);
});

Deno.test("serial: consoles at 115200, 9600 and 250000 baud, by every name of the port", async () => {
  const { uart } = rig.bench;
  const consoles = [["usual", 115200], ["slow", 9600], ["odd", 250000], ["found", 115200]] as const;
  for (const [name, baud] of consoles) {
    uart.events.length = 0;
    await exporter.client.run(`
with client.${name}.pexpect() as console:
    console.sendline("Who is There?")
    console.expect_exact(b"wHO IS tHERE?", timeout=60)
`);
    // The chip divides 3 MHz, so that 115200 is 115385.
    assert.ok(Math.abs(uart.baud / baud - 1) < 0.01, `${name}: ${uart.baud}`);
    assert.ok(uart.events.some((event) => event.kind === "lines" && event.dtr && event.rts), name);
    await until(() => !uart.dtr && !uart.rts);
  }
});

Deno.test("serial: modem lines, a break, slow sending, and DTR that stays", async () => {
  const { uart } = rig.bench;
  const { client } = exporter;
  uart.events.length = 0;
  await client.run(`
with client.usual.stream() as stream:
    client.usual.call("set_dtr", False)
    client.usual.call("set_rts", True)
    client.usual.call("send_break", 0.1)
    client.usual.call("close")
`);
  assert.ok(uart.events.some((event) => event.kind === "lines" && !event.dtr && event.rts));
  const breaks = uart.events.filter((event) => event.kind === "break");
  assert.deepEqual(breaks, [{ kind: "break", on: true }, { kind: "break", on: false }]);
  await until(() => !uart.rts);

  const sizes: number[] = [];
  const answer = uart.onBytes;
  uart.onBytes = (bytes) => {
    sizes.push(bytes.length);
    answer(bytes);
  };
  await client.run(exchange("paced", "0123456789", "0123456789"));
  uart.onBytes = answer;
  assert.deepEqual(sizes, Array(10).fill(1));
  await until(() => !uart.dtr);

  await client.run(exchange("kept", "x", "X"));
  assert.equal(uart.dtr, true);
});

/** Python code that sends and waits for the answer. */
function exchange(driver: string, sent: string, answer: string): string {
  return `
with client.${driver}.stream() as stream:
    stream.send(b"${sent}")
    heard = b""
    while len(heard) < ${answer.length}:
        heard += stream.receive()
    # The client's own end of a stream is noticed when its garbage is collected.
    client.${driver}.call("close")
assert heard == b"${answer}", heard
`;
}

Deno.test("serial: an unplugged port ends its stream, and works again once it is plugged in", async () => {
  const { uart } = rig.bench;
  const { client } = exporter;
  await client.run(`
kept["opened"] = client.slow.stream()
kept["stream"] = kept["opened"].__enter__()
kept["stream"].send(b"abc")
kept["stream"].receive()
`);
  await rig.unplug(uart);
  const end = await client.fails('while True: kept["stream"].receive()');
  assert.ok(end.kinds.includes("EndOfStream"), end.text);
  await client.run('kept.pop("opened").__exit__(None, None, None); kept.clear()');
  const missing = await client.fails("client.slow.call('set_dtr', True)");
  assert.match(missing.text, /found nothing at this path \(ENOENT\)/);
  await rig.plug(uart);
  await client.run(exchange("slow", "back", "BACK"));
});

Deno.test("serial: a port that another process holds names the process", async () => {
  // A process has no command line for a moment while it becomes another program.
  const tell = "(exec 3>&-; until grep -q sleep /proc/$$/comm; do sleep 0.1; done; echo held)";
  await using holder = await rig.machine.start({
    script: `exec 3<>${BY_ID} && flock --timeout 30 3 && { ${tell} & exec sleep 600; }`,
    user: "jmp",
  });
  await holder.saying(/held/);
  const busy = await exporter.client.fails("client.slow.call('set_dtr', True)");
  assert.match(busy.text, /expected exclusive access, but process \d+ \(sleep 600\) has it open/);
});

Deno.test("storage: a 64 MB image is flashed and read back, with the card on the right side", async () => {
  const { mux, reader } = rig.bench;
  const image = crypto.getRandomValues(new Uint8Array(65536));
  const whole = new Uint8Array(CARD_SIZE);
  // Each block differs from all others.
  for (let at = 0; at < whole.length; at += image.length) {
    whole.set(image, at);
    new DataView(whole.buffer).setUint32(at, at);
  }
  await Deno.writeFile(`${folder}/image`, whole);
  mux.positions.length = 0;
  await exporter.client.run(`client.storage.flash("${folder}/image")`);
  assert.deepEqual(mux.positions, ["host", "host", "dut"]);
  assert.ok(equal(reader.card, whole), "the card holds the image");
  await exporter.client.run(`client.storage.dump("${folder}/dump")`);
  assert.deepEqual(mux.positions.slice(3), ["host", "host", "dut"]);
  assert.ok(equal(await Deno.readFile(`${folder}/dump`), whole), "the dump is the image");
  await exporter.client.run("client.storage.off()");
  assert.equal(mux.positions.at(-1), "host");
});

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

Deno.test("storage: a reader that is unplugged amid a write is told of, and works again", async () => {
  const { reader } = rig.bench;
  const begun = Promise.withResolvers<void>();
  let written = 0;
  reader.onWrite = () => void (++written === 20 && begun.resolve());
  const flashing = exporter.client.fails(`client.storage.flash("${folder}/image")`);
  await Promise.race([begun.promise, flashing]);
  await rig.unplug(reader);
  const { text } = await flashing;
  // Transfers fail before or after the kernel has removed the disk.
  assert.match(text, /Cannot write to \/dev\/sd[a-z].*: .*found (it gone|an error of it) \(E/);
  reader.onWrite = () => {};
  await rig.plug(reader);
  await Deno.writeFile(`${folder}/small`, new Uint8Array(1 << 20).fill(0x5a));
  await exporter.client.run(`client.storage.flash("${folder}/small")`);
  assert.ok(reader.card.subarray(0, 1 << 20).every((byte) => byte === 0x5a));
});

Deno.test("storage: a factory-fresh FT200X is switched by its place on the bus", async () => {
  const { factoryMux } = rig.bench;
  await exporter.client.run("client.factory.host(); client.factory.dut()");
  assert.deepEqual(factoryMux.positions, ["host", "dut"]);
});

Deno.test("storage: no SDWire, a wrong serial number, two without one: each has its message", async () => {
  const { mux, secondMux } = rig.bench;
  const { client } = exporter;
  const wrong = await client.fails("client.wrongstorage.host()");
  assert.match(
    wrong.text,
    /expected an SDWire with serial number 'sdw-99999', found .*'sdw-00001' at/,
  );
  await rig.plug(secondMux);
  const two = await client.fails("client.anystorage.host()");
  assert.match(two.text, /Cannot choose an SDWire: .*'sdw-00001' at .*'sdw-00002' at/);
  const row = (await check({ any: sdwire({}) })).get("any")!;
  assert.equal(row.state, "ambiguous");
  assert.equal(row.candidates?.length, 2);
  await rig.unplug(mux, secondMux);
  const none = await client.fails("client.anystorage.host()");
  assert.match(none.text, /expected an SDWire, found neither a programmed one \(04e8:6001\) nor/);
  await rig.plug(mux);
  await client.run("client.anystorage.host()");
  assert.equal(mux.positions.at(-1), "host");
});

Deno.test("discover: what is plugged in is a config that check likes", async () => {
  const { output } = await rig.jmp("discover", "outsider");
  const { power, serial: line, storage } = parse(output).export;
  assert.deepEqual(power.config, { serial: "YK25838", port: "1" });
  assert.deepEqual(line, serial(BY_ID));
  assert.deepEqual(storage.config, { serial: "sdw-00001" });
  const rows = await check(parse(output).export);
  for (const { driver, state, message } of rows.values()) {
    assert.equal(state, "ok", `${driver} ${message}`);
  }
});

Deno.test("the documentation's config runs as it stands, and check says ok for each driver", async () => {
  await exporter[Symbol.asyncDispose]();
  const { hub, mux, reader, uart } = rig.bench;
  const example = await Deno.readTextFile(`${root}tests/config/good/documentation.yaml`);
  const disk = (await rig.machine.output("ls /dev/disk/by-path/*-scsi-0:0:0:0")).trim();
  const mended = example.replace("/dev/disk/by-path/...", disk);
  const readme = await Deno.readTextFile(`${root}drivers/README.md`);
  const [, custom] = /```ts\n(\/\/ \/etc\/jumpstarter\/drivers[^]*?)```/.exec(readme)!;
  await rig.machine.output("mkdir -p /etc/jumpstarter/drivers");
  await rig.write("/etc/jumpstarter/drivers/custom.ts", custom!);
  const file = await rig.write("/run/documentation.yaml", mended);
  const { code, output } = await rig.jmp(`check ${file}`);
  assert.equal(code, 0, output);
  for (const name of ["power", "serial", "storage", "custom", "reference"]) {
    assert.match(output, new RegExp(`^  ${name} .* ok$`, "m"));
  }
  exporter = await rig.export(mended);
  const { client } = exporter;
  await client.run("client.power.on()");
  assert.equal(hub.ports[0], true);
  await client.run("client.reference.off()");
  assert.equal(hub.ports[0], false);
  await client.run(exchange("serial", "login", "LOGIN"));
  assert.ok(uart.baud > 114_000 && uart.baud < 117_000);
  mux.positions.length = 0;
  reader.card.fill(0);
  await client.run(`client.storage.flash("${folder}/small")`);
  assert.deepEqual(mux.positions, ["host", "host", "dut"]);
  assert.ok(reader.card.subarray(0, 1 << 20).every((byte) => byte === 0x5a));
  await client.run("client.custom.on()");
  assert.deepEqual(await client.run("result = [r.voltage for r in client.custom.read()]"), [5]);
});
