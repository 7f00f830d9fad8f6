/** Groups of drivers. @module */
import type { Family } from "../cases.ts";
import { moreHelp, SUGGESTION, WORDS } from "../reasons.ts";

const OWN = moreHelp("`j --help` lists options and commands of our own as well");
const power = { type: "jumpstarter_driver_power.driver.MockPower" };

/** `CompositeClient`, and `Proxy` entries, which stand for other drivers. */
export const composite: Family = {
  title: "groups of drivers",
  drivers: () => ({
    rack: {
      type: "jumpstarter_driver_composite.driver.Composite",
      description: "The rack in the corner",
      children: { shelf: { children: { inner: { ...power, description: "Main switch" } } }, power },
    },
    alias: { ref: "rack.shelf" },
  }),
  commands: {
    "--help": [
      { args: ["--help"], differs: { stdout: OWN } },
      { args: [], differs: { stderr: OWN } },
      { args: ["rack", "--help"], differs: { stdout: WORDS } },
      { args: ["rack", "shelf", "--help"], differs: { stdout: WORDS } },
      { args: ["rack", "shelf", "inner", "--help"], differs: { stdout: WORDS } },
      { args: ["rack"], differs: { stderr: WORDS } },
      { args: ["rack", "shelf"], differs: { stderr: WORDS } },
      { args: ["alias"], differs: { stderr: WORDS } },
    ],
    "DRIVER … COMMAND": [
      { args: ["rack", "shelf", "inner", "read"] },
      { args: ["rack", "power", "on"] },
      { args: ["alias", "inner", "read"] },
      { args: ["rack", "--log-level", "INFO", "power", "read"] },
      { args: ["rack", "--log-level", "LOUD", "power", "read"] },
      { args: ["rack", "shelves"], differs: { stderr: SUGGESTION } },
      { args: ["rack", "shelf", "inner", "nope"] },
      { args: ["rack", "--nope"] },
    ],
  },
};
