// deno-lint-ignore-file no-console -- its output is heard by the test.
/**
 * Usage: `swap_testing.ts FOLDER OUTSIDE`. As the neighbour, swaps `folder` with a link to
 * `OUTSIDE` and `file` with one to a file there, as fast as the kernel can, until it is killed.
 *
 * @module
 */
import { exchange } from "../../src/libc/disks_testing.ts";
import { cString } from "../../src/libc/libc.ts";
import { becomeNobody } from "../../src/libc/testing.ts";

const [root, outside] = Deno.args;
becomeNobody();
Deno.umask(0);
Deno.chdir(root!);
Deno.mkdirSync("folder");
Deno.symlinkSync(outside!, "link");
Deno.writeFileSync("file", new Uint8Array());
Deno.symlinkSync(`${outside}/file`, "filelink");
console.log("ready");
const names = ["folder", "link", "file", "filelink"].map(cString);
const [folder, link, file, fileLink] = names as [
  ...[Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>],
  ...[Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>],
];
while (true) {
  exchange(folder, link);
  exchange(file, fileLink);
}
