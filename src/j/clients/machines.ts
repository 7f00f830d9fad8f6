/** Emulated machines, which are groups with commands of their own: `QemuClient`, `RenodeClient`. @module */
import { type ClientCommands, subcommand } from "../context.ts";

/** `jumpstarter_driver_qemu.client.QemuClient` */
export const qemu: ClientCommands = {
  summary: "Machine in QEMU",
  add(command, driver, { output, signal }) {
    const resize = subcommand(command, driver, "resize", "Change the size of disk or memory");
    resize.subcommand("disk").description("Resize the root disk, as 20G, before power on")
      .argument("<size>").action(async (size: string) => {
        await driver.call("set_disk_size", [size], { signal });
        output.line(`Disk will be resized to ${size} on next power on`);
      });
    resize.subcommand("memory").description("Set the size of the memory, as 2G, before power on")
      .argument("<size>").action(async (size: string) => {
        await driver.call("set_memory_size", [size], { signal });
        output.line(`Memory will be set to ${size} on next power on`);
      });
  },
};

/** `jumpstarter_driver_renode.client.RenodeClient` */
export const renode: ClientCommands = {
  summary: "Machine in Renode",
  add(command, driver, { output, signal }) {
    subcommand(command, driver, "monitor", "Send a command to the monitor of Renode")
      .argument("<command...>").action(async (words: string[]) => {
        const answer = await driver.call("monitor_cmd", [words.join(" ")], { signal });
        const text = typeof answer === "string" ? answer.trim() : "";
        if (text !== "") output.line(text);
      });
  },
};
