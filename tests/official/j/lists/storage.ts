/** Cards between host and board, and flashers. @module */
import { gzipSync } from "node:zlib";
import type { Case, Family } from "../cases.ts";
import {
  because,
  DRIVER_ERROR,
  ERROR_WORDS,
  leftOut,
  moreHelp,
  NO_STACK,
  PROGRESS,
  type Reason,
  WORDS,
} from "../reasons.ts";

const TEXT = "an image\n".repeat(40);
const IMAGE = { "image.raw": TEXT };
const PACKED = { "image.gz": gzipSync(TEXT) };
const SHOWN = { stdout: PROGRESS };
const mock = (type: string) => ({ type: `jumpstarter_driver_opendal.driver.Mock${type}` });

const LOCAL_FILES = moreHelp("help lists `read-local-file` and `write-local-file` as well");

const ONE_FILE = "a second FILE is an error; officially it is ignored";
const SECOND = {
  stdout: because(ONE_FILE, /^transfer/, /^$/),
  stderr: because(ONE_FILE, /^$/, /^Error: .*ignored\n$/),
  exit: because(ONE_FILE, /^0$/, /^1$/),
  effects: because(ONE_FILE, /flash|write/, /^$/),
};

const CHECKED_FIRST: Reason = because(
  "a file that cannot be read is found before the driver is called",
  /host|flash/,
  /^$/,
);
const NOTHING_LEFT: Reason = {
  text: "a dump that fails leaves no empty file",
  holds: (official, ours) => official.replace('copy.raw: ""\n', "") === ours,
};

/** `StorageMuxClient` */
export const muxes: Family = {
  title: "storage muxes",
  drivers: () => ({ mux: { type: "recorder.Mux" } }),
  commands: {
    "--help": [{ args: ["mux", "--help"], differs: { stdout: LOCAL_FILES } }],
    "host, dut, off": [
      { args: ["mux", "host"] },
      { args: ["mux", "dut"] },
      { args: ["mux", "off"] },
      { args: ["mux", "host", "x"] },
    ],
    "write-local-file": [
      {
        args: ["mux", "write-local-file", "image.raw"],
        files: IMAGE,
        differs: leftOut(/^$/, /^write\n$/),
      },
    ],
    "read-local-file": [
      {
        args: ["mux", "read-local-file", "copy"],
        differs: leftOut(
          /^$/,
          /^copy: "(an image\\n){40}"\nread\n$/,
          "ours has this command as well",
        ),
      },
    ],
  },
};

/** The same commands of both kinds of flashers; `moves` is whether a card goes to the host first. */
function flashing(name: string, moves: boolean): Readonly<Record<string, readonly Case[]>> {
  return {
    flash: [
      { args: [name, "flash", "--help"], differs: { stdout: WORDS } },
      { args: [name, "flash", "."], differs: { stderr: ERROR_WORDS, effects: CHECKED_FIRST } },
      {
        args: [name, "flash", "none"],
        differs: { stderr: NO_STACK, ...moves && { effects: CHECKED_FIRST } },
      },
      { args: [name, "flash", "image.raw", "ignored"], files: IMAGE, differs: SECOND },
      { args: [name, "flash", "image.raw"], files: IMAGE, differs: SHOWN },
      { args: [name, "flash"], differs: { stderr: ERROR_WORDS } },
      { args: [name, "flash", "-t", "nothing"], differs: { stderr: ERROR_WORDS } },
      { args: [name, "flash", "--compression", "rar", "image.raw"], files: IMAGE },
    ],
    dump: [
      { args: [name, "dump", "--help"], differs: { stdout: WORDS } },
      { args: [name, "dump", "copy.raw"], differs: SHOWN },
      { args: [name, "dump", "--compression", "foo", "copy.raw"] },
      { args: [name, "dump"] },
      { args: [name, "dump", "a", "b"] },
      { args: [name, "dump", "no/such/folder"], differs: SHOWN },
    ],
    "flash URL": [
      { args: [name, "flash", "WEB/image.raw"] },
      { args: [name, "dump", "copy.raw"], differs: SHOWN },
    ],
    "flash --compression": [
      { args: [name, "flash", "--compression", "gzip", "image.gz"], files: PACKED, differs: SHOWN },
      { args: [name, "dump", "copy.raw"], differs: SHOWN },
    ],
    "dump --compression": [
      { args: [name, "dump", "--compression", "GZIP", "copy.gz"], differs: SHOWN },
    ],
  };
}

/** `StorageMuxFlasherClient` */
export const muxFlashers: Family = {
  title: "storage muxes that flash",
  drivers: () => ({ card: { type: "recorder.MuxFlasher" }, plaincard: mock("StorageMuxFlasher") }),
  commands: {
    "--help": [{ args: ["card", "--help"], differs: { stdout: LOCAL_FILES } }],
    ...flashing("card", true),
    "flash --target, dump --target": [
      {
        args: ["card", "flash", "-t", "a:image.raw"],
        files: IMAGE,
        differs: { stderr: NO_STACK, effects: CHECKED_FIRST },
      },
      { args: ["card", "dump", "--target", "a", "copy.raw"], differs: { stderr: ERROR_WORDS } },
    ],
    "host, dut, off": [
      { args: ["card", "host"] },
      { args: ["card", "dut"] },
      { args: ["card", "off"] },
    ],
    "flash, dump of the mock": [
      { args: ["plaincard", "flash", "image.raw"], files: IMAGE, differs: SHOWN },
      { args: ["plaincard", "dump", "copy.raw"], differs: SHOWN },
    ],
  },
};

/** `FlasherClient` */
export const flashers: Family = {
  title: "flashers",
  drivers: () => ({ flasher: { type: "recorder.Flasher" }, plain: mock("Flasher") }),
  commands: {
    "--help": [{ args: ["flasher", "--help"], differs: { stdout: WORDS } }],
    ...flashing("flasher", false),
    "flash --target, dump --target": [
      {
        args: ["flasher", "flash", "-t", "boot:image.raw", "--target", "root:other"],
        files: { ...IMAGE, other: "another" },
        differs: SHOWN,
      },
      { args: ["flasher", "dump", "--target", "boot", "copy.raw"], differs: SHOWN },
      { args: ["flasher", "dump", "--target", "root", "copy.raw"], differs: SHOWN },
      {
        args: ["flasher", "dump", "--target", "none", "copy.raw"],
        masks: [/(?<=')\/tmp\/.*(?=\/none)/g],
        differs: { stderr: DRIVER_ERROR, effects: NOTHING_LEFT },
      },
    ],
    "flash, dump of the mock": [
      { args: ["plain", "flash", "image.raw"], files: IMAGE, differs: SHOWN },
      { args: ["plain", "dump", "copy.raw"], differs: SHOWN },
    ],
    "flash on a terminal": [
      {
        args: ["plain", "flash", "image.raw"],
        files: IMAGE,
        terminal: true,
        differs: { screen: because("the progress has another form", /transfer/, /[^]/) },
      },
    ],
  },
};
