/** A serial port that clients share. @module */
import { sleep } from "../../src/base/sleep.ts";
import {
  type CallContext,
  type Discovery,
  type Methods,
  type OpenContext,
  type ProbeContext,
  withArgs,
  z,
} from "../../src/driver/mod.ts";
import { createBackend } from "./backend.ts";
import { checkPort } from "./binding.ts";
import type { SerialStream } from "./serial_stream.ts";
import type { PySerialConfig } from "./config.ts";
import { History } from "./history.ts";
import { serialPorts, stableName } from "./ports.ts";
import { findPort } from "./search.ts";
import type { Search } from "./search_url.ts";
import { parseUrl } from "./url.ts";

/** Length of a break in seconds; pyserial's default. */
const BREAK_S = z.number().positive().max(5).nullish().transform((seconds) => seconds ?? 0.25);

/** Interval of checking streams while a client waits for their bytes to be sent, in milliseconds. */
const FLUSH_MS = 20;

/** Checks that the port exists and may be used. */
export async function probe(
  { config: { url, check_present } }: ProbeContext<PySerialConfig>,
): Promise<void> {
  const target = parseUrl(url);
  if (!check_present) return;
  if (target.kind === "tty") await checkPort(target.path);
  if (target.kind === "search") await checkSearch(target.search);
}

/** The USB adapters that are plugged in. */
export async function discover(): Promise<Discovery[]> {
  const ports = (await serialPorts()).filter(({ usb }) => usb);
  return await Promise.all(ports.map(async ({ device, description, hwid }) => ({
    device: `${device}: ${description}, ${hwid}`,
    name: "serial",
    config: { url: await stableName(device) },
  })));
}

/** Opens no device yet; the first client that connects does. */
export function open(context: OpenContext<PySerialConfig>): Methods {
  const { config: { url, baudrate, disable_hupcl }, log } = context;
  const backend = createBackend({ url, baudRate: baudrate, disableHupcl: disable_hupcl, log });
  context.scope.defer(() => backend.dispose());
  const history = new History();
  const streams = new Set<SerialStream>();
  const onUnsent = (bytes: number) =>
    log.warning(
      `not all of the last ${bytes} bytes of a client that has left were sent: the line takes them ` +
        "too slowly; check its flow control and 'cps'",
    );
  const connect = connector(context, streams, (replay, { signal }) => {
    return backend.connect({ ...context.config, history, replay, onUnsent }, signal);
  });
  return {
    calls: {
      close: () => backend.close(),
      flush: (_args, { signal }) => flushed(streams, signal),
      loss: () => history.loss ?? null,
      set_dtr: withArgs([z.boolean()], ([dtr]) => backend.setLines({ dtr })),
      set_rts: withArgs([z.boolean()], ([rts]) => backend.setLines({ rts })),
      send_break: withArgs([BREAK_S], ([seconds]) => backend.sendBreak(seconds)),
    },
    bytes: {
      connect: (call) => connect(false, call),
      scrollback: (call) => connect(true, call),
    },
  };
}

/** Resolves when the device has received everything that clients have sent. */
async function flushed(streams: ReadonlySet<SerialStream>, signal: AbortSignal): Promise<void> {
  // A stream that has sent all gets what still waits in its call in the same turn.
  while ([...streams].some((stream) => stream.writableLength > 0)) {
    await sleep(FLUSH_MS, signal);
    signal.throwIfAborted();
  }
}

async function checkSearch(search: Search): Promise<void> {
  const { device, problem } = await findPort(search);
  await checkPort(device);
  if (problem) throw problem;
}

/** @param replay whether the stream begins with the scroll-back */
type Connect = (replay: boolean, call: CallContext) => Promise<SerialStream>;

/** Connects clients, and closes their streams at the end of the lease. */
function connector(
  { config: { url, baudrate, cps }, log, scope }: OpenContext<PySerialConfig>,
  streams: Set<SerialStream>,
  connect: Connect,
): Connect {
  scope.defer(() => streams.forEach((stream) => stream.abandon()));
  return async (replay, call) => {
    log.info(`Connecting to ${url} at ${baudrate} baud${cps === null ? "" : `, ${cps} bytes/s`}`);
    const stream = await connect(replay, call);
    streams.add(stream);
    if (scope.disposed) stream.abandon();
    stream.once("close", () => {
      streams.delete(stream);
      log.info(`Disconnected from ${url}`);
    });
    return stream;
  };
}
