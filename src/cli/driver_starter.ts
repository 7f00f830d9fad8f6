/** A custom driver to start from. @module */

/** The text of a driver file: a power switch that its author fills in. */
export function starter(type: string): string {
  return `import type { Sdk } from "./jmp.d.ts";

export default ({ defineDriver, z }: Sdk) =>
  defineDriver({
    type: "${type}",
    // The class that official clients import; its commands call the methods below.
    client: "jumpstarter_driver_power.client.PowerClient",
    summary: "a power switch of this site",
    config: z.strictObject({
      port: z.int().min(1).max(8).default(1).describe("number of the port"),
    }),
    methods: {
      calls: { "on()": "switches the power on", "off()": "switches the power off" },
      streams: { "read()": "yields the voltage and the current" },
    },

    // 'jmp check' calls this: look at the hardware, and throw what is wrong; change nothing.
    probe({ config }) {
      void config.port;
    },

    // Called when a lease begins.
    open({ config, log, scope }) {
      let powered = false;
      const turn = (on: boolean) => {
        powered = on; // Switch the hardware here.
        log.info(\`port \${config.port} \${on ? "on" : "off"}\`);
      };
      scope.defer(() => turn(false)); // when the lease ends
      return {
        calls: { on: () => turn(true), off: () => turn(false) },
        streams: { read: () => [{ voltage: powered ? 5 : 0, current: 0 }] },
      };
    },
  });
`;
}

/** An entry with the driver, by its type or by the path of its file. */
export function starterEntry(name: string, type: string): string {
  return `export:\n  ${name}:\n    type: ${type}\n    config:\n      port: 1\n`;
}
