/**
 * What a person sees of `j` on a terminal of 80 columns, with and without colours. The tour is
 * tour.txt, which UPDATE_GOLDEN=1 writes anew: read it before it is committed.
 */
import assert from "node:assert/strict";
import { serve } from "../../src/j/testing.ts";
import { jmp } from "../official/exporter.ts";
import { Terminal } from "../terminal.ts";
import { until } from "../until.ts";

const golden = new URL("./tour.txt", import.meta.url);

const CTRL_B = "\x02";
const POWER = { type: "jumpstarter_driver_power.driver.MockPower" };
const TREE = {
  power: {
    ...POWER,
    description: "Supply of the board",
    methods_description: { on: "Wake the board" },
  },
  console: { type: "jumpstarter_driver_pyserial.driver.PySerial", config: { url: "loop://" } },
  gone: {
    type: "jumpstarter_driver_pyserial.driver.PySerial",
    config: { url: "/dev/serial/by-id/none" },
  },
  flasher: { type: "jumpstarter_driver_opendal.driver.MockFlasher" },
  card: { type: "jumpstarter_driver_opendal.driver.MockStorageMuxFlasher" },
  broken: { type: "jumpstarter_driver_opendal.driver.Opendal", config: { scheme: "memory" } },
  rack: {
    children: {
      main: POWER,
      net: {
        children: {
          ssh: {
            type: "jumpstarter_driver_network.driver.TcpNetwork",
            config: { host: "board.lab", port: 22 },
          },
        },
      },
    },
  },
};

/** Lines as a person types them, and keys as soon as something is seen. */
const TOUR: readonly (readonly [line: string, keys?: readonly (readonly [RegExp, string])[]])[] = [
  ["j --help"],
  ["j tree"],
  ["j power"],
  ["j power on"],
  ["j power read"],
  ["j --json power read"],
  ["j rack net ssh address"],
  ["j flasher flash --help"],
  ["j console start-console --help"],
  ["j console start-console", [[/times\r\n\r\n/, "login"], [/login$/, CTRL_B.repeat(3)]]],
  ["j gone start-console"],
  ["j powr on"],
  ["j power cycle --wait soon"],
  ["j flasher flash missing.img"],
  ["j flasher flash"],
  ["j broken list /"],
  ["j call power onn"],
  ["j call power read"],
];

const SGR = new RegExp("\x1b\\[[0-9;]*m", "g");

Deno.test("the tour of j looks as it was looked at, and colours only what is wrong", async () => {
  const [plain, coloured] = await Promise.all([tour({ NO_COLOR: "1" }), tour({ NO_COLOR: "" })]);
  if (Deno.env.get("UPDATE_GOLDEN")) await Deno.writeTextFile(golden, plain);
  assert.ok(!plain.includes("\x1b"), "NO_COLOR leaves no control sequence");
  assert.equal(coloured.replace(SGR, ""), plain);
  for (const line of coloured.split("\n")) {
    const text = line.replace(SGR, "");
    assert.equal(line, text.startsWith("Error: ") ? `\x1b[31m${text}\x1b[0m` : text);
  }
  for (const line of plain.split("\n")) {
    const isError = line.startsWith("Error: ");
    assert.ok(isError || line.length <= 80, `it is too wide: ${line}`);
  }
  assert.equal(plain, await Deno.readTextFile(golden));
});

/** Everything that the terminal showed, and exit codes. */
async function tour(env: Readonly<Record<string, string>>): Promise<string> {
  await using served = await serve(TREE);
  let text = "";
  for (const [line, keys = []] of TOUR) {
    const args = line.split(" ").slice(1);
    const { shown, code } = await see(args, { ...env, JUMPSTARTER_HOST: served.socket }, keys);
    text += `$ ${line}\n${shown}${code === 0 ? "" : `(exit code ${code})\n`}\n`;
  }
  return text;
}

/** Runs `j` on a terminal of its own. */
async function see(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  keys: readonly (readonly [RegExp, string])[],
): Promise<{ readonly shown: string; readonly code: number }> {
  using terminal = new Terminal();
  const settings = terminal.settings();
  // The terminal becomes the controlling one, as that of a login.
  const script = 'exec setsid --ctty --wait "$@" <"$0" >"$0" 2>&1';
  const child = new Deno.Command("sh", {
    args: ["-c", script, terminal.path, ...jmp("j", ...args)],
    env: { TERM: "xterm-256color", JMP_J: "native", ...env },
    stdin: "null",
  }).spawn();
  for (const [seen, typed] of keys) {
    await until(() => seen.test(terminal.shown));
    await until(() => terminal.settings() !== settings);
    terminal.type(typed);
  }
  const { code } = await child.status;
  assert.equal(terminal.settings(), settings, "the terminal is as it was");
  // The device may still echo the keys that leave the console.
  return { shown: terminal.shown.replaceAll("\r\n", "\n").replaceAll(CTRL_B, ""), code };
}
