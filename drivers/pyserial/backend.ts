/** The backends of the kinds of `url`: each connects clients and sets modem lines. @module */
import { setTimeout as sleep } from "node:timers/promises";
import type { DriverLog } from "../../src/driver/mod.ts";
import type { SerialStream, SerialStreamOptions } from "./serial_stream.ts";
import { LoopStream } from "./loop.ts";
import type { LineStates } from "./port.ts";
import { lineProblem } from "./problem.ts";
import { connectRfc2217, type Rfc2217Stream, type Rfc2217Target } from "./rfc2217.ts";
import { findPort } from "./search.ts";
import type { Search } from "./search_url.ts";
import { SharedPort, type SharedPortOptions } from "./shared_port.ts";
import { connectSocket } from "./socket.ts";
import { parseUrl } from "./url.ts";

/** The other end of a serial driver, for one lease. */
export interface Backend {
  /** Opens a stream for one client. */
  connect(options: SerialStreamOptions, signal: AbortSignal): Promise<SerialStream>;
  /** Ends the streams of all clients; resolves when the device is free. */
  close(): Promise<void>;
  /** Sets modem lines. */
  setLines(states: LineStates): Promise<void>;
  /** Holds the line in a break condition for some seconds. */
  sendBreak(seconds: number): Promise<void>;
  /** Closes the backend for good, at the end of the lease. */
  dispose(): Promise<void>;
}

/** The options of a backend, from the driver's config. */
export interface BackendOptions extends Omit<SharedPortOptions, "name" | "locate"> {
  readonly url: string;
}

/** Creates the backend for `url`, without opening anything. */
export function createBackend({ url, ...options }: BackendOptions): Backend {
  const target = parseUrl(url);
  switch (target.kind) {
    case "tty":
      return ttyBackend({ ...options, name: url, locate: () => Promise.resolve(target.path) });
    case "search":
      return ttyBackend({
        ...options,
        name: url,
        locate: () => locate(target.search, options.log),
      });
    case "socket":
      return networkBackend(options, {
        connect: (stream, signal) => connectSocket(target, stream, signal),
        useLines: ignoreLines(options.log),
      });
    case "rfc2217":
      return rfc2217Backend(target.target, options);
    case "loop":
      return loopBackend();
  }
}

async function locate(search: Search, log: DriverLog): Promise<string> {
  const { device, problem } = await findPort(search);
  if (problem) log.warning(problem.message);
  return device;
}

function ttyBackend(options: SharedPortOptions): Backend {
  const port = new SharedPort(options);
  return {
    connect: (stream, signal) => port.join(stream, signal),
    close: () => port.close(),
    setLines: (states) => port.use((line) => setLines(line, states, options.name)),
    sendBreak: (seconds) =>
      port.use(async (line) => {
        setLines(line, { brk: true }, options.name);
        await sleep(seconds * 1000);
        // Closing the port in the meantime has ended the break, too.
        if (line.isOpen) setLines(line, { brk: false }, options.name);
      }),
    dispose: () => port.dispose(),
  };
}

function setLines(
  line: { setLines(states: LineStates): void },
  states: LineStates,
  path: string,
): void {
  try {
    line.setLines(states);
  } catch (error) {
    throw lineProblem(Object.keys(states)[0] ?? "line", path, error);
  }
}

/** A stream with a connection of its own, because TCP servers distinguish clients. */
interface Connection extends SerialStream {
  hangUp(): void;
}

/** Something with modem lines. */
interface Lines {
  setLines(states: LineStates): Promise<void>;
}

/** The operations in which network ports differ. */
interface Network<C extends Connection> {
  connect(options: SerialStreamOptions, signal: AbortSignal): Promise<C>;
  /** Runs `action` on the modem lines, through an open connection if there is one. */
  useLines(action: (lines: Lines) => Promise<void>, open: ReadonlySet<C>): Promise<void>;
}

function networkBackend<C extends Connection>(
  { disableHupcl, log }: Pick<SharedPortOptions, "disableHupcl" | "log">,
  network: Network<C>,
): Backend {
  const open = new Set<C>();
  const close = () => {
    for (const stream of open) stream.hangUp();
    return Promise.resolve();
  };
  return {
    async connect(options, signal) {
      const onLost = (reason: string) => log.warning(`Lost the line: ${reason}; connect again`);
      const stream = await network.connect({ ...options, onLost }, signal);
      open.add(stream);
      stream.once("close", () => open.delete(stream));
      if (disableHupcl) log.warning("disable_hupcl has no effect: the other host controls HUPCL");
      return stream;
    },
    close,
    setLines: (states) => network.useLines((lines) => lines.setLines(states), open),
    sendBreak: (seconds) =>
      network.useLines(async (lines) => {
        await lines.setLines({ brk: true });
        await sleep(seconds * 1000);
        await lines.setLines({ brk: false });
      }, open),
    dispose: close,
  };
}

/** Ignores modem lines, as pyserial does for sockets. */
function ignoreLines(log: DriverLog): () => Promise<void> {
  return () => {
    log.info("modem lines are ignored: a socket has none");
    return Promise.resolve();
  };
}

function rfc2217Backend(
  target: Rfc2217Target,
  options: Pick<SharedPortOptions, "baudRate" | "disableHupcl" | "log">,
): Backend {
  const connect = (stream: SerialStreamOptions, signal: AbortSignal) =>
    connectRfc2217(target, options.baudRate, stream, signal);
  return networkBackend<Rfc2217Stream>(options, {
    connect,
    async useLines(action, open) {
      const [stream] = open;
      if (stream) return await action(stream);
      const own = await connect({}, new AbortController().signal);
      try {
        await action(own);
      } finally {
        own.abandon();
      }
    },
  });
}

function loopBackend(): Backend {
  const nothing = () => Promise.resolve();
  return {
    connect: (options) => Promise.resolve(new LoopStream(options)),
    close: nothing,
    setLines: nothing,
    sendBreak: nothing,
    dispose: nothing,
  };
}
