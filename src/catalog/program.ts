/** The type whose driver is a program of any language. @module */
import { type ConfigKey, type DescribedDriver, type DriverPlace } from "./driver.ts";

/** What an entry of this type says; the keys may also stand beside `type:`. */
const KEYS: readonly ConfigKey[] = [
  {
    name: "command",
    type: "string or list",
    required: true,
    meaning: "the program and its arguments; no shell reads them",
  },
  {
    name: "env",
    type: "map of string",
    required: false,
    default: {},
    meaning: "variables that are added to the exporter's environment",
  },
  {
    name: "cwd",
    type: "string",
    required: false,
    meaning: "working folder; by default that of the config",
  },
  {
    name: "keep",
    type: "boolean",
    required: false,
    default: false,
    meaning: "whether one process serves all leases",
  },
  {
    name: "startTimeout",
    type: "number",
    required: false,
    default: 30,
    meaning: "seconds until the program must answer",
  },
  { name: "settings", type: "map", required: false, meaning: "the driver's own config" },
];

const EXEC: DescribedDriver = {
  type: "exec",
  origin: "native",
  from: "built in",
  summary: "a program in any language, which serves the driver on a Unix socket",
  keys: KEYS,
  children: "those that the program reports",
  sample: `export:
  relay:
    type: exec
    command: ./relay --gpio 4
    # config: {} # the driver's own`,
};

/** The type `exec`. */
export const programs: DriverPlace = {
  list: () => {
    const { type, origin, from, summary } = EXEC;
    return Promise.resolve([{ type, origin, from, ...(summary && { summary }) }]);
  },
  describe: (type) => Promise.resolve(type === EXEC.type ? EXEC : undefined),
};
