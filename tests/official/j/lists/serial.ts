/** Serial ports. @module */
import type { Family } from "../cases.ts";
import {
  because,
  ERROR_WORDS,
  INTERRUPTED,
  moreHelp,
  NO_STACK,
  type Reason,
  USAGE,
  WORDS,
} from "../reasons.ts";

const CTRL_B = "\x02";
const CTRL_C = "\x03";

/** The line that begins `pipe`, and what follows it. */
const NOTE = /^(?:.*(?:Ctrl\+C to exit|exits at EOF)\)|Copying .*)\r?\n/;
const TOLD: Reason = {
  text: "what is copied is told in words of our own, and nothing about Ctrl-C",
  holds(official, ours) {
    const [there, here] = [official, ours].map((text) => text.replace(NOTE, "…"));
    const end = /^(\nSerial connection closed.*\n)?(SIGINT pressed.*\r?\n)?$/;
    return /^…(\nThe serial connection has ended\.\n)?(\r\n)?$/.test(here!) &&
      there!.startsWith("…") &&
      end.test(there!.slice(1));
  },
};
const ENDED = { exit: INTERRUPTED, stderr: TOLD };

/** Officially a Ctrl-C that comes before the stream is open has no effect. */
const AT_ONCE = because("Ctrl-C ends it with 130 at any time", /^(2|137)$/, /^130$/);

const LAST_LINE: Reason = {
  text: "the shell's prompt comes on a line of its own",
  // The terminal may still echo the last key of the escape there.
  holds: (official, ours) =>
    `${official.replaceAll(CTRL_B, "")}\r\n` === ours.replaceAll(CTRL_B, ""),
};

const SCROLLBACK = moreHelp("the console has `--scrollback`, `--log` and `--append` as well");

const NO_PORT = "a port that cannot be opened is an error, which says why; officially exit code 0";
const REFUSED = {
  exit: because(NO_PORT, /^0$/, /^1$/),
  stderr: because(NO_PORT, /Serial connection lost/, /^Copying .*\nError: Cannot open .*\n$/),
};

function serial(url: string) {
  return { type: "jumpstarter_driver_pyserial.driver.PySerial", config: { url } };
}

const UNWRITABLE = because(
  ERROR_WORDS.text,
  /Ctrl\+C to exit\)\nError: File not found/,
  /^Copying .*\nError: cannot write no\/such\/folder: .*\n$/,
);

const NO_BANNER = because("nothing is printed where there is no terminal", /Starting/, /^$/);

/** `PySerialClient`; the port `serial` answers in the other case, `sink` writes down what it gets. */
export const serials: Family = {
  title: "serial ports",
  drivers: ({ devices }, exporter) => ({
    serial: serial(devices.echo_pty),
    sink: serial(devices.sink_pty),
    loop: serial("loop://"),
    // The official exporter does not start without its port.
    ...exporter === "ours" && { gone: serial("/dev/serial/by-id/none") },
  }),
  commands: {
    "--help": [
      { args: ["serial", "--help"], differs: { stdout: WORDS } },
      { args: ["serial", "pipe", "--help"], differs: { stdout: WORDS } },
      { args: ["serial", "start-console", "--help"], differs: { stdout: SCROLLBACK } },
    ],
    pipe: [
      {
        args: ["serial", "pipe"],
        input: "hello\n",
        steps: [{ after: /HELLO\n/, signal: "SIGINT" }],
        differs: ENDED,
      },
      {
        args: ["loop", "pipe"],
        // The stream of the official exporter ends with the input.
        only: "ours",
        input: "hello\n",
        differs: { stderr: TOLD },
      },
      {
        args: ["serial", "pipe", "-i", "-o", "log"],
        input: "hello\n",
        steps: [{ in: "log", after: /HELLO\n/, signal: "SIGINT" }],
        differs: ENDED,
      },
      {
        args: ["serial", "pipe", "--output", "log", "--append"],
        input: "hello\n",
        files: { log: "before\n" },
        steps: [{ in: "log", after: /HELLO\n/, signal: "SIGINT" }],
        differs: ENDED,
      },
      {
        args: ["serial", "pipe", "--output", "log", "--no-input"],
        files: { log: "before\n" },
        steps: [{ in: "log", after: /^$/, signal: "SIGINT" }],
        differs: ENDED,
      },
      {
        args: ["sink", "pipe", "--no-output"],
        input: "fire and forget\n",
        differs: { stderr: TOLD },
      },
      { args: ["serial", "pipe", "--no-output", "--output", "x"] },
      { args: ["serial", "pipe", "--no-output", "--append"] },
      {
        args: ["serial", "pipe", "--no-output", "--no-input"],
        differs: { stderr: ERROR_WORDS },
      },
      { args: ["serial", "pipe", "--append"] },
      { args: ["serial", "pipe", "--input", "--no-input"] },
      { args: ["serial", "pipe", "extra"] },
      { args: ["serial", "pipe", "-o"], differs: { stderr: USAGE } },
      { args: ["serial", "pipe", "-o", "no/such/folder"], differs: { stderr: UNWRITABLE } },
      { args: ["gone", "pipe"], only: "ours", differs: REFUSED },
    ],
    "pipe on a terminal": [
      {
        args: ["serial", "pipe"],
        terminal: true,
        steps: [{ after: /Ctrl.C/, signal: "SIGINT" }],
        graceMs: 2000,
        differs: { exit: AT_ONCE, screen: TOLD },
      },
    ],
    "start-console": [
      {
        args: ["serial", "start-console"],
        terminal: true,
        steps: [
          { after: /exit with CTRL\+B x 3 times\r\n\r\n/, type: "hello" },
          { after: /HELLO/, type: CTRL_C },
          { after: new RegExp(`HELLO${CTRL_C}`), type: CTRL_B },
          { after: new RegExp(CTRL_B), type: "x" },
          { after: /X$/, type: CTRL_B.repeat(3) },
        ],
        differs: { screen: LAST_LINE },
      },
      {
        args: ["loop", "start-console"],
        terminal: true,
        steps: [{ after: /times\r\n\r\n/, type: "hi" }, { after: /hi$/, type: CTRL_B.repeat(3) }],
        differs: { screen: LAST_LINE },
      },
      {
        args: ["gone", "start-console"],
        only: "ours",
        terminal: true,
        differs: { screen: NO_STACK },
      },
      { args: ["serial", "start-console"], differs: { stdout: NO_BANNER, stderr: NO_STACK } },
      { args: ["serial", "start-console", "x"] },
    ],
  },
};
