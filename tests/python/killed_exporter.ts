/** Starts children with daemons, says so, and waits to be killed. @module */
// deno-lint-ignore-file no-console -- the test reads it
import { lab, running } from "./lab.ts";
import { marked } from "./marked.ts";
import { until } from "../until.ts";

const [id] = Deno.args;
const python = await lab({ id: id! });
const entries = { trouble: { type: "trouble.Trouble", config: { daemon: true } } };
await running(python, entries);
await running(python, entries);
await until(async () => (await marked(id!)).length >= 9);
console.log("ready");
setInterval(() => {}, 1000);
