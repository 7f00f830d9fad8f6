/**
 * A program that serves a driver, for tests of `type: exec`. It serves one that answers `config`,
 * `on` and others, with a child, and misbehaves as its first argument tells it.
 *
 * @module
 */
// deno-lint-ignore-file no-console -- it writes what an exporter is to log
import { text } from "node:stream/consumers";
import {
  DriverCallRequest,
  ExporterServiceService as exporter,
  type LogStreamResponse,
} from "../../src/wire/gen/jumpstarter/v1/jumpstarter.ts";
import { type Definition, type Method, streaming, unary } from "../../src/wire/grpc/methods.ts";
import { GrpcServer } from "../../src/wire/grpc/server.ts";
import { toValue } from "../../src/wire/value.ts";

const [behaviour] = Deno.args;
const socket = Deno.env.get("JMP_DRIVER_SOCKET")!;

const uuid = { root: crypto.randomUUID(), entry: crypto.randomUUID(), child: crypto.randomUUID() };
const CLIENT = "jumpstarter.dev/client", NAME = "jumpstarter.dev/name";

function reports(name: string) {
  const labels = { [CLIENT]: "vendor.Client", "vendor.example/kind": "relay" };
  const row = (id: string, parentUuid: string | undefined, labels: Record<string, string>) => {
    return { uuid: id, parentUuid, labels, methodsDescription: { on: "switches on" } };
  };
  if (behaviour === "two-roots") return [row(uuid.root, undefined, labels), row("x", "", labels)];
  return [
    row(uuid.root, undefined, { [CLIENT]: "vendor.Root" }),
    row(uuid.entry, uuid.root, { ...labels, [NAME]: name }),
    row(uuid.child, uuid.entry, { ...labels, [NAME]: "switch" }),
  ];
}

/** Starts processes as daemons do, in other sessions and without this one's environment. */
async function startDaemons(): Promise<null> {
  const script = "sleep 2000 & (setsid sleep 2001 &) ; (env -i sleep 2002 &)";
  const args = ["-c", `exec >/dev/null 2>&1 </dev/null; ${script}`];
  await new Deno.Command("/bin/sh", { args }).spawn().status;
  return null;
}

async function flood(): Promise<number> {
  const line = new TextEncoder().encode(`${"flood ".repeat(16)}\n`.repeat(10_000));
  let written = 0;
  while (written < 100e6) written += await Deno.stderr.write(line);
  return written;
}

/** Whether a call hangs. */
let hanging = false;

async function answer({ uuid: called, method, args }: DriverCallRequest, input: string) {
  switch (method) {
    case "on":
      return [called === uuid.child ? "switch" : "entry", ...args];
    case "started":
      return { input: JSON.parse(input), args: Deno.args, env: Deno.env.toObject() };
    case "daemons":
      return await startDaemons();
    case "hangs":
      return hanging;
    case "pid":
      return Deno.pid;
    case "flood":
      return await flood();
    case "exit":
      console.error("the relay caught fire");
      return Deno.exit(7);
    default:
      hanging = true;
      return await new Promise<never>(() => setInterval(() => {}, 1000));
  }
}

function record(uuid: string, severity: string, message: string): LogStreamResponse {
  return { uuid, severity, message, structuredFields: {} };
}

function methods(input: string): Map<string, Method> {
  const name = Object.keys(JSON.parse(input).export)[0]!;
  const uuidOf = (uuid: string) => ({ uuid, labels: {}, alternativeEndpoints: [], motd: "" });
  const call = exporter.driverCall as Definition<
    DriverCallRequest,
    { uuid: string; result: unknown }
  >;
  return new Map<string, Method>([
    [
      exporter.getReport.path,
      unary(exporter.getReport, () => {
        return { ...uuidOf(uuid.root), reports: reports(name) };
      }),
    ],
    [
      call.path,
      unary(call, async (request) => {
        return { uuid: "", result: toValue(await answer(request, input)) };
      }),
    ],
    [
      exporter.logStream.path,
      streaming(exporter.logStream, async function* () {
        await new Promise((resolve) => setTimeout(resolve, 200));
        yield record(uuid.child, "WARNING", "the contact is worn");
        yield record("", "NOISE", "no severity that is known");
        await new Promise(() => {});
      }),
    ],
  ]);
}

async function serveGarbage(): Promise<void> {
  for await (const conn of Deno.listen({ transport: "unix", path: socket })) {
    await conn.write(new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\n\r\n"));
    conn.close();
  }
}

if (behaviour === "exit") {
  console.log("cannot open /dev/relay");
  Deno.exit(3);
}
if (behaviour === "stubborn") Deno.addSignalListener("SIGTERM", () => console.log("no, I stay"));
if (behaviour === "silent") await new Promise(() => setInterval(() => {}, 1000));
if (behaviour === "garbage") await serveGarbage();
const input = await text(Deno.stdin.readable);
const served = behaviour === "speechless" ? new Map<string, Method>() : methods(input);
await new GrpcServer({ methods: served }).listen({ path: socket });
console.log("serving");
