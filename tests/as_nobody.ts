/**
 * The program as another user, from a checkout that this user may not be able to read: what it
 * is made of is loaded before.
 *
 * @module
 */
import "../src/exporter/exporter.ts";
import "../src/wire/channel.ts";
import { main } from "../src/cli/main.ts";

/** nobody, wherever there is one. */
const NOBODY = 65534;

const { setresgid, setresuid, setgroups } = Deno.dlopen("libc.so.6", {
  setgroups: { parameters: ["usize", "pointer"], result: "i32" },
  setresgid: { parameters: ["u32", "u32", "u32"], result: "i32" },
  setresuid: { parameters: ["u32", "u32", "u32"], result: "i32" },
}).symbols;

// glibc does so in all threads.
const failed = setgroups(0n, null) + setresgid(NOBODY, NOBODY, NOBODY) +
  setresuid(NOBODY, NOBODY, NOBODY);
if (failed !== 0) throw new Error("Cannot become nobody: expected to be started by root");

Deno.exit(await main(Deno.args));
