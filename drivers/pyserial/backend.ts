/** What is behind a url: how clients connect to it, and what else it can do. @module */
import type { DriverLog } from "../../src/driver/mod.ts";
import type { Channel, ChannelOptions } from "./channel.ts";
import { LoopChannel } from "./loop.ts";
import type { LineStates } from "./port.ts";
import { lineProblem } from "./problem.ts";
import { SharedPort, type SharedPortOptions } from "./shared_port.ts";
import { connectSocket, type Endpoint, type SocketChannel } from "./socket.ts";
import { parseUrl } from "./url.ts";

/** The far side of a serial driver, for one lease. */
export interface Backend {
  /** A stream for one client. */
  connect(options: ChannelOptions, signal: AbortSignal): Promise<Channel>;
  /** Ends what clients have open; resolves when the device is free. */
  close(): Promise<void>;
  /** Sets modem lines. */
  setLines(states: LineStates): Promise<void>;
  /** Closes it for good, at the end of the lease. */
  dispose(): Promise<void>;
}

/** What a backend needs of the driver's config. */
export interface BackendOptions extends Omit<SharedPortOptions, "path"> {
  readonly url: string;
}

/** The backend that `url` names; nothing is opened. */
export function createBackend({ url, ...options }: BackendOptions): Backend {
  const target = parseUrl(url);
  switch (target.kind) {
    case "tty":
      return ttyBackend({ ...options, path: target.path });
    case "socket":
      return socketBackend(target, options.disableHupcl, options.log);
    case "loop":
      return loopBackend();
  }
}

function ttyBackend(options: SharedPortOptions): Backend {
  const port = new SharedPort(options);
  return {
    connect: (channel, signal) => port.join(channel, signal),
    close: () => port.close(),
    setLines: (states) => port.use((line) => setLines(line, states, options.path)),
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
    throw lineProblem(states.dtr === undefined ? "RTS" : "DTR", path, error);
  }
}

/** A connection for each client, since TCP servers tell them apart; pyserial ignores lines here. */
function socketBackend(endpoint: Endpoint, disableHupcl: boolean, log: DriverLog): Backend {
  const open = new Set<SocketChannel>();
  const close = () => {
    for (const channel of open) channel.hangUp();
    return Promise.resolve();
  };
  return {
    async connect(options, signal) {
      const channel = await connectSocket(endpoint, options, signal);
      open.add(channel);
      channel.once("close", () => open.delete(channel));
      if (disableHupcl) log.warning("Cannot switch HUPCL off: a socket has no modem lines");
      return channel;
    },
    close,
    setLines() {
      log.info("modem lines are ignored: a socket has none");
      return Promise.resolve();
    },
    dispose: close,
  };
}

function loopBackend(): Backend {
  const nothing = () => Promise.resolve();
  return {
    connect: (options) => Promise.resolve(new LoopChannel(options)),
    close: nothing,
    setLines: nothing,
    dispose: nothing,
  };
}
