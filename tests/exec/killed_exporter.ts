/** Starts a program and daemons of it, tells its pid and socket, and waits to be killed. @module */
// deno-lint-ignore-file no-console -- the test reads it
import { lab, misbehaving, running } from "./lab.ts";

const { launched, call } = await running(
  lab({ type: "exec", command: misbehaving("stubborn") }).launch,
);
await call("board.relay", "daemons");
console.log(JSON.stringify({ pid: launched.pid, socket: launched.socket }));
setInterval(() => {}, 1000);
