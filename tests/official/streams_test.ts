/** Official clients drop the status of a stream: their users read in the log why it failed. */
import assert from "node:assert/strict";
import { deadPort } from "../../drivers/network/testing.ts";
import { withoutColors } from "../../src/text/printable.ts";
import { TestController } from "../controller/controller.ts";
import { type Client, succeeds } from "./client.ts";
import { openSite } from "./site.ts";
import { localSocket, startLeasable } from "./transports.ts";

const GONE = "/dev/serial/by-id/usb-gone";

/** Drivers whose streams cannot be opened; the last one works, and lets the log arrive. */
const tree = (port: number) => ({
  serial: {
    type: "jumpstarter_driver_pyserial.driver.PySerial",
    config: { url: GONE, check_present: false },
  },
  ssh: {
    type: "jumpstarter_driver_network.driver.TcpNetwork",
    config: { host: "127.0.0.1", port },
  },
  power: { type: "jumpstarter_driver_power.driver.MockPower" },
});

/** What the user of a shell reads when both streams fail. */
const SCRIPT = "j serial pipe < /dev/null; j power on";

const SENTENCE = "Cannot open /dev/serial/by-id/usb-gone: expected a serial device, found nothing";

/** How often `text` is in an output, whose lines the client's log handler breaks anywhere. */
function count(output: string, text: string): number {
  const plain = (words: string) => withoutColors(words).replace(/\s/g, "");
  return plain(output).split(plain(text)).length - 1;
}

async function inLease(run: (client: Client, shell: string[]) => Promise<void>): Promise<void> {
  await using site = await openSite();
  await using controller = await TestController.start();
  controller.addClient({ name: "alice" });
  const config = await site.write(
    "alice.yaml",
    controller.clientConfigYaml("alice", { unsafe: true }),
  );
  await using _ = await startLeasable(site, controller, "one", tree(await deadPort()));
  const options = ["--client-config", config, "--selector", "board=one", "--exporter-logs"];
  await run(site.client, ["jmp", "shell", ...options, "--", "sh", "-c"]);
}

Deno.test("in a lease, the official client logs once why a stream of a missing device failed", async () => {
  await inLease(async (client, shell) => {
    const { stdout, stderr } = await client.run([...shell, SCRIPT], {});
    const output = stdout + stderr;
    assert.equal(count(output, `serial.connect failed: ${SENTENCE}`), 1, output);
    assert.equal(count(output, "WARNING"), 1, output);
  });
});

Deno.test("a client of a local socket reads why a port that it forwards is refused", async () => {
  await using site = await openSite();
  const port = await deadPort();
  await using connection = await localSocket.connect(site, tree(port));
  const { env } = connection;
  const said = await site.client.show<string[]>("refused_stream", env);
  assert.equal(said.length, 1, said.join("\n"));
  assert.match(
    said[0]!,
    new RegExp(`^ssh\\.connect failed: Cannot connect to tcp 127\\.0\\.0\\.1:${port}: .*REFUSED`),
  );
  await succeeds(site.client.run(["j", "power", "on"], { env }));
});
