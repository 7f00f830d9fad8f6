// deno-lint-ignore-file no-console -- its output is heard by the test.
/** Usage: `hold_testing.ts PATH flock|TIOCEXCL`. Holds a device until its input ends. @module */
import { lock, openNow } from "../../src/libc/descriptors.ts";
import { OPEN } from "../../src/libc/files.ts";
import { ioctl } from "../../src/libc/terminal.ts";

const [path, how] = Deno.args;
const fd = openNow(path!, OPEN.RDWR | OPEN.NOCTTY);
if (how === "flock") lock(fd);
else ioctl(fd, "TIOCEXCL");
console.log("held");
await Array.fromAsync(Deno.stdin.readable);
