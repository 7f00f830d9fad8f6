/**
 * The load on a running exporter. To add a figure, add a scenario here; if
 * the client has to do something new for it, add a function to `programs/load.py`.
 *
 * @module
 */
import type { Measured } from "./exporters.ts";
import { type Figures, less, more, type Samples } from "./figure.ts";
import type { Image } from "./image.ts";
import type { Peer } from "./peer.ts";

/** The context of a scenario. */
export interface Situation {
  /** `programs/load.py`, connected to the exporter. */
  readonly load: Peer;
  readonly exporter: Measured;
  /** How long the load runs. */
  readonly seconds: number;
  readonly image: Image;
}

/** A kind of load, and the figures that it measures. */
export interface Scenario {
  readonly name: string;
  readonly figures: Figures;
  measure(situation: Situation): Promise<Samples>;
}

interface Repeated {
  readonly p50_us: number;
  readonly p99_us: number;
  readonly per_second: number;
  /** Number of calls, including the warm-up. */
  readonly total: number;
}

interface Carried {
  readonly mb_per_s: number;
  /** Amount, including the warm-up. */
  readonly total_mb: number;
}

const unaryCalls: Scenario = {
  name: "calls",
  figures: {
    call_p50: less("unary call, p50", "µs"),
    call_p99: less("unary call, p99", "µs"),
    calls_1: more("unary calls, 1 in flight", "1/s"),
    call_cpu: less("exporter CPU per unary call", "µs"),
  },
  async measure({ load, exporter, seconds }) {
    const before = exporter.cpuSeconds();
    const found = await load.ask<Repeated>({ do: "calls", seconds });
    const cpu = exporter.cpuSeconds() - before;
    return {
      call_p50: found.p50_us,
      call_p99: found.p99_us,
      calls_1: found.per_second,
      call_cpu: cpu / found.total * 1e6,
    };
  },
};

const parallelCalls: Scenario = {
  name: "parallel calls",
  figures: { calls_32: more("unary calls, 32 in flight", "1/s") },
  async measure({ load, seconds }) {
    const found = await load.ask<Repeated>({ do: "calls", seconds, in_flight: 32 });
    return { calls_32: found.per_second };
  },
};

const streamingCalls: Scenario = {
  name: "streaming calls",
  figures: { streaming: more("streaming calls of 2 items", "1/s") },
  async measure({ load, seconds }) {
    const found = await load.ask<Repeated>({ do: "streaming_calls", seconds });
    return { streaming: found.per_second };
  },
};

const shellCommands: Scenario = {
  name: "shell commands",
  figures: { shell_p50: less("shell command that does nothing, p50", "ms") },
  async measure({ load, seconds }) {
    const found = await load.ask<Repeated>({ do: "shell_commands", seconds });
    return { shell_p50: found.p50_us / 1e3 };
  },
};

const openedStreams: Scenario = {
  name: "open streams",
  figures: { open_p50: less("open and close a byte stream, p50", "µs") },
  async measure({ load, seconds }) {
    const found = await load.ask<Repeated>({ do: "opened_streams", seconds });
    return { open_p50: found.p50_us };
  },
};

/** A scenario of 64 bytes there and back. */
function roundTrips(name: string, driver: string): Scenario {
  return {
    name,
    figures: { [name]: less(`${name}, p50`, "µs") },
    async measure({ load, seconds }) {
      const question = { do: "round_trips", driver, size: 64, seconds };
      return { [name]: (await load.ask<Repeated>(question)).p50_us };
    },
  };
}

/** A scenario of chunks as fast as possible; only bytes that came back are counted. */
function throughput(name: string, options: { driver: string; chunk: number; window?: number }) {
  const scenario: Scenario = {
    name,
    figures: {
      [name]: more(name, "MB/s"),
      [`${name} CPU`]: less(`${name}, exporter CPU per MB`, "ms"),
    },
    async measure({ load, exporter, seconds }) {
      const before = exporter.cpuSeconds();
      const found = await load.ask<Carried>({ do: "throughput", seconds, ...options });
      const cpu = exporter.cpuSeconds() - before;
      return { [name]: found.mb_per_s, [`${name} CPU`]: cpu / found.total_mb * 1e3 };
    },
  };
  return scenario;
}

/** A method of the official library that transfers an image. */
interface Storing {
  readonly driver: string;
  readonly method: string;
  /** The arguments of the method. */
  arguments(image: Image): readonly string[];
  readonly compression?: string;
}

/** A scenario of one image, plain or packed on its way; MB are those of the plain image. */
function storing(name: string, { arguments: of, ...what }: Storing): Scenario {
  return {
    name,
    figures: {
      [name]: more(name, "MB/s"),
      [`${name} CPU`]: less(`${name}, exporter CPU per MB`, "ms"),
    },
    async measure({ load, exporter, image }) {
      const before = exporter.cpuSeconds();
      const question = { do: "stored", mb: image.mb, arguments: of(image), ...what };
      const found = await load.ask<Carried>(question);
      const cpu = exporter.cpuSeconds() - before;
      return { [name]: found.mb_per_s, [`${name} CPU`]: cpu / found.total_mb * 1e3 };
    },
  };
}

const storageWrite = storing("storage, write of an image", {
  driver: "storage",
  method: "write_from_path",
  arguments: ({ plain }) => ["image", plain],
});

/** Each scenario reads what the previous one has written. */
const storages: readonly Scenario[] = [
  storageWrite,
  storing("storage, read of an image", {
    driver: "storage",
    method: "read_into_path",
    arguments: ({ plain }) => ["image", `${plain}.read`],
  }),
  storing("flash of a packed image (gzip)", {
    driver: "flasher",
    method: "flash",
    arguments: ({ gzip }) => [gzip],
    compression: "gzip",
  }),
  // The official exporter truncates its dump slightly; the difference does not matter here.
  storing("dump of an image, packed on the way (gzip)", {
    driver: "flasher",
    method: "dump",
    arguments: ({ plain }) => [`${plain}.dump`],
    compression: "gzip",
  }),
];

/** The scenarios that a long round trip affects. */
export const uploads: readonly Scenario[] = [unaryCalls, storageWrite];

const echoRoundTrips = roundTrips("echo, round trip of 64 B", "echo");
const echoThroughput = throughput("echo, 64 KiB chunks", { driver: "echo", chunk: 65536 });
const tcpThroughput = throughput("TCP echo, 64 KiB chunks", { driver: "tcp", chunk: 65536 });

/** A pty buffers 4 KiB in each direction: sending more without reading could block for ever. */
const PTY_WINDOW = 16 * 1024;

/**
 * All scenarios, in the order of the table.
 *
 * Each serial scenario has a port of its own, because the official exporter continues reading
 * after a stream was closed and takes the first bytes of the next one.
 */
export const scenarios: readonly Scenario[] = [
  unaryCalls,
  parallelCalls,
  streamingCalls,
  openedStreams,
  echoRoundTrips,
  echoThroughput,
  tcpThroughput,
  roundTrips("serial port (pty), round trip of 64 B", "serial"),
  throughput("serial port (pty), 1 KiB chunks", {
    driver: "bulk_serial",
    chunk: 1024,
    window: PTY_WINDOW,
  }),
  ...storages,
];

/** The scenarios of drivers that are Python on both sides. */
export const hostedScenarios: readonly Scenario[] = [
  unaryCalls,
  parallelCalls,
  streamingCalls,
  shellCommands,
  openedStreams,
  echoRoundTrips,
  echoThroughput,
  tcpThroughput,
  ...storages.slice(0, 2),
];
