/** Storages. @module */
import type { Case, Family } from "../cases.ts";
import { leftOut, moreHelp } from "../reasons.ts";

const COMMANDS = moreHelp("help lists the commands that the official client leaves out by mistake");
const HASH = /^5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03\n$/;

/** Commands in the order in which they leave something for the next one. */
const ORDER: readonly [args: string, stdout?: RegExp, effects?: RegExp][] = [
  ["write-bytes a"],
  ["read-bytes a", /^hello\n$/],
  ["read-into-path a copy", /^$/, /^copy: "hello\\n"\n$/],
  ["stat a", /"content_length": 6,[^]*"is_file": true/],
  ["hash a --algo sha256", HASH],
  ["exists a"],
  ["copy a b"],
  ["rename b c"],
  ["create-dir folder/"],
  ["write-from-path folder/d local"],
  ["list /", /^(?=[^]*^a$)(?=[^]*^c$)(?=[^]*^folder\/$)/m],
  ["scan /", /^folder\/d$/m],
  ["delete a"],
  ["remove-all folder/"],
  ["capability", /"presign_read": false/],
];

function commandsOf(name: string): Readonly<Record<string, readonly Case[]>> {
  const cases = ORDER.map(([text, stdout = /^$/, effects]): [string, Case[]] => {
    const args = text.split(" ");
    return [args[0]!, [{
      args: [name, ...args],
      input: "hello\n",
      files: { local: "a local file" },
      differs: leftOut(stdout, effects),
    }]];
  });
  return Object.fromEntries(cases);
}

/** `OpendalClient` */
export const storages: Family = {
  title: "storages",
  drivers: ({ dir }) => ({
    storage: {
      type: "jumpstarter_driver_opendal.driver.Opendal",
      config: { scheme: "fs", kwargs: { root: `${dir}/storage` } },
    },
    memory: {
      type: "jumpstarter_driver_opendal.driver.Opendal",
      config: { scheme: "memory", kwargs: {} },
    },
  }),
  commands: {
    "--help": [{ args: ["storage", "--help"], differs: { stdout: COMMANDS } }],
    ...commandsOf("storage"),
  },
};
