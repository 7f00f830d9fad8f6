/** Shell commands of the exporter's host. @module */
import type { Family } from "../cases.ts";
import { because, ERROR_WORDS, WORDS } from "../reasons.ts";

const CODE = because("the exit code is that of the method; officially always 0", /^0$/, /^42$/);

/** `ShellClient` */
export const shells: Family = {
  title: "shells",
  drivers: () => ({
    shell: {
      type: "jumpstarter_driver_shell.driver.Shell",
      methods_description: { greet: "Say hello" },
      config: {
        methods: {
          greet: "echo hello $1 $2",
          fail: "echo out; echo err >&2; exit 42",
          env: "echo $GREETING",
          lines: "for i in 1 2 3; do echo $i; done",
          fine: { command: "echo fine", timeout: 5 },
        },
      },
    },
  }),
  commands: {
    "--help": [
      { args: ["shell", "--help"], differs: { stdout: WORDS } },
      { args: ["shell", "greet", "--help"], differs: { stdout: WORDS } },
    ],
    METHOD: [
      { args: ["shell", "greet"] },
      { args: ["shell", "greet", "big", "world"] },
      { args: ["shell", "greet", "--odd", "-x"] },
      { args: ["shell", "lines"] },
      { args: ["shell", "fine"] },
      { args: ["shell", "env", "-e", "GREETING=hi"] },
      { args: ["shell", "env", "--env", "GREETING=hi", "--env", "OTHER=x=y"] },
      { args: ["shell", "env", "-e", "GREETING"], differs: { stderr: ERROR_WORDS } },
      { args: ["shell", "none"] },
    ],
    "METHOD that fails": [{ args: ["shell", "fail"], differs: { exit: CODE } }],
  },
};
