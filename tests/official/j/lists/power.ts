/** Power switches. @module */
import type { Family } from "../cases.ts";
import { DRIVER_ERROR, type Reason, SUGGESTION, UNSTOPPABLE, USAGE, WORDS } from "../reasons.ts";

const LOG: Reason = {
  text: "no log among the output",
  holds: (official, ours) => official.replace(/^.* INFO .*\n/gm, "") === ours,
};

/**
 * Waits until a client has gone from the end of a reading to its sleep: the official one notices
 * Ctrl-C before, and sleeps on afterwards.
 */
const asleep = () => new Promise<string>((resolve) => setTimeout(() => resolve("asleep"), 3000));

/** `PowerClient` and `VirtualPowerClient` */
export const power: Family = {
  title: "power",
  drivers: () => ({
    power: { type: "jumpstarter_driver_power.driver.MockPower" },
    named: {
      type: "jumpstarter_driver_power.driver.MockPower",
      description: "Main switch. It is blue.",
      methods_description: { on: "Wake the board" },
    },
    machine: { type: "recorder.Power" },
    broken: { type: "recorder.Failing" },
  }),
  commands: {
    "--help": [
      { args: ["power", "--help"], differs: { stdout: WORDS } },
      { args: ["named", "--help"], differs: { stdout: WORDS } },
      { args: ["machine", "--help"], differs: { stdout: WORDS } },
      { args: ["power"], differs: { stderr: WORDS } },
      { args: ["power", "cycle", "--help"], differs: { stdout: WORDS } },
      { args: ["power", "read", "--help"], differs: { stdout: WORDS } },
      { args: ["machine", "off", "--help"], differs: { stdout: WORDS } },
    ],
    on: [
      { args: ["power", "on"] },
      { args: ["machine", "on"] },
      { args: ["power", "on", "x"] },
      { args: ["power", "on", "x", "y"] },
      { args: ["power", "on", "--bad"] },
      { args: ["power", "on", "-h"] },
      { args: ["broken", "on"], differs: { stderr: DRIVER_ERROR } },
    ],
    off: [
      { args: ["power", "off"] },
      { args: ["machine", "off"] },
      { args: ["machine", "off", "--destroy"] },
      { args: ["machine", "off", "--dest"], differs: { stderr: SUGGESTION } },
      { args: ["broken", "off"], differs: { stderr: DRIVER_ERROR } },
    ],
    cycle: [
      { args: ["machine", "cycle", "--wait", "0"], differs: { stdout: LOG } },
      { args: ["machine", "cycle", "-w0"], differs: { stdout: LOG } },
      { args: ["machine", "cycle", "-w", "x"] },
      { args: ["machine", "cycle", "-w", "1.5"] },
      { args: ["machine", "cycle", "--wait"], differs: { stderr: USAGE } },
    ],
    read: [
      { args: ["power", "read"] },
      { args: ["machine", "read"] },
      { args: ["machine", "read", "-n", "2", "-i", "0"] },
      { args: ["machine", "read", "--count=2", "--interval=0.01"] },
      { args: ["machine", "read", "-n"], differs: { stderr: USAGE } },
      { args: ["machine", "read", "-n", "many"] },
      { args: ["machine", "read", "-i", "soon"] },
      {
        args: ["power", "read", "-n", "0", "-i", "3600"],
        steps: [{ after: /VA\n.*VA\n/, talk: asleep, signal: "SIGINT" }],
        graceMs: 1000,
        differs: UNSTOPPABLE,
      },
    ],
    mistakes: [
      { args: ["power", "foo"] },
      { args: ["power", "onn"] },
      { args: ["nope", "on"] },
      { args: ["--log-level", "LOUD", "power", "on"] },
      { args: ["--log-level", "DEBUG", "power", "off"] },
    ],
  },
};
