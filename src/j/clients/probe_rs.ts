/** Debug probes: `jumpstarter_driver_probe_rs.client.ProbeRsClient`. @module */
import type { Value } from "../../wire/value.ts";
import { type ClientCommands, subcommand } from "../context.ts";
import { openSource } from "../transfer_ends.ts";
import { send } from "../transfer.ts";
import { BadValue, integer } from "../values.ts";

/** `jumpstarter_driver_probe_rs.client.ProbeRsClient`: prints the output of probe-rs unchanged. */
export const probeRs: ClientCommands = {
  summary: "Debug probe",
  add(command, driver, context) {
    const { output, signal } = context;
    const print = (said: Value | undefined) => output.line(String(said ?? ""));
    const steps = {
      info: ["info", "Print information about the target"],
      reset: ["reset_target", "Reset the target"],
      erase: ["erase", "Erase the memory of the target, which takes a while"],
    } as const;
    for (const [name, [method, text]] of Object.entries(steps)) {
      subcommand(command, driver, name, text)
        .action(async () => print(await driver.call(method, [], { signal })));
    }
    subcommand(command, driver, "download", "Write a file to the target").argument("<file>")
      .action(async (file: string) => {
        using source = await openSource(file, context);
        let said: Value | undefined;
        await send({ driver, context }, source, async (handle, bounds) => {
          said = await driver.call("download", [handle], bounds);
        });
        print(said);
      });
    subcommand(command, driver, "read", "Print words of the target's memory, in hex")
      .argument("<width>", "", width).argument("<address>", "", address)
      .argument("<words>", "", words)
      .action(async (bits: number, at: bigint, count: number) => {
        const args = [`b${bits}`, `0x${at.toString(16)}`, String(count)];
        const found = await driver.call("read", args, { signal });
        const digits = (word: Value) => hex(String(word), bits);
        output.line((Array.isArray(found) ? found.map(digits) : []).join(" "));
      });
  },
};

function width(text: string): number {
  const bits = integer(text);
  if ([8, 16, 32, 64].includes(bits)) return bits;
  throw new BadValue(`'${text}' is not one of 8, 16, 32, 64.`);
}

function words(text: string): number {
  const count = integer(text);
  if (count > 0) return count;
  throw new BadValue(`'${text}' is not positive.`);
}

/** An address may be larger than the integers of JavaScript. */
function address(text: string): bigint {
  if (/^(0x[\da-f]+|\d+)$/i.test(text)) return BigInt(text);
  throw new BadValue(`'${text}' is not an address: write 0x20000000, or a decimal number.`);
}

/** `00ff` for 16 bits. */
function hex(word: string, bits: number): string {
  const digits = word.toLowerCase().replace(/^0x/, "").replace(/^0+(?=.)/, "");
  return digits.padStart(bits / 4, "0");
}
