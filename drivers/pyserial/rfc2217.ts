/** `rfc2217://`: a serial port of another host, with its rate and its modem lines. @module */
import type { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { withDeadline } from "../../src/base/deadline.ts";
import { ConnectionFailed, DeviceError, Timeout } from "../../src/driver/mod.ts";
import { SerialStream, type SerialStreamOptions } from "./serial_stream.ts";
import type { LineStates } from "./port.ts";
import { type Endpoint, lost, nameOf, openSocket } from "./socket.ts";
import { escapeIac, subnegotiation, TELNET, TelnetDecoder, type TelnetEvent } from "./telnet.ts";

/** Telnet options: COM-PORT-OPTION is RFC 2217's own. */
const OPTION = { binary: 0, echo: 1, suppressGoAhead: 3, comPort: 44 } as const;
/** The options that we accept for our own side, and for the other one. */
const OURS: readonly number[] = [OPTION.binary, OPTION.suppressGoAhead, OPTION.comPort];
const THEIRS: readonly number[] = [...OURS, OPTION.echo];

/** Commands of the client; the server answers with the number plus 100 and the value in effect. */
const COMMAND = {
  baudrate: 1,
  dataSize: 2,
  parity: 3,
  stopSize: 4,
  control: 5,
  purge: 12,
} as const;
const ANSWER = 100;
const CONTROL = {
  noFlowControl: 1,
  breakOn: 5,
  breakOff: 6,
  dtrOn: 8,
  dtrOff: 9,
  rtsOn: 11,
  rtsOff: 12,
} as const;
const PURGE_RECEIVED = 1;

/** The address of the port, and the options of its server. */
export interface Rfc2217Target extends Endpoint {
  /** Longest wait for an answer, in seconds. */
  readonly timeout: number;
  /** Whether to set modem lines without waiting for the server's answer. */
  readonly ignoreSetControl: boolean;
}

/**
 * Connects, negotiates, and sets the line to 8N1 at `baudRate` with DTR and RTS raised.
 *
 * @throws {ConnectionFailed} if the server cannot be reached, or does not support RFC 2217.
 * @throws {Timeout} if it does not answer in time.
 * @throws {DeviceError} if it refuses a setting.
 */
export async function connectRfc2217(
  target: Rfc2217Target,
  baudRate: number,
  options: SerialStreamOptions,
  signal: AbortSignal,
): Promise<Rfc2217Stream> {
  const stream = new Rfc2217Stream(await openSocket(target, "rfc2217", signal), target, options);
  const abort = () => stream.destroy();
  signal.addEventListener("abort", abort, { once: true });
  try {
    await stream.setUp(baudRate);
    signal.throwIfAborted();
    return stream;
  } catch (error) {
    stream.destroy();
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** A request that waits for its answer. */
interface Pending {
  readonly value: readonly number[];
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** A connection of one client. */
export class Rfc2217Stream extends SerialStream {
  readonly #socket: Socket;
  readonly #target: Rfc2217Target;
  readonly #decoder = new TelnetDecoder();
  readonly #pending = new Map<number, Pending>();
  /** Options that we have requested; their confirmations need no answer. */
  readonly #asked = new Set<string>();
  /** Settles when the server agrees to RFC 2217, or refuses. */
  readonly #agreed = Promise.withResolvers<void>();
  /** Whether the line is set up; earlier input is dropped. */
  #ready = false;

  constructor(socket: Socket, target: Rfc2217Target, options: SerialStreamOptions) {
    super(options);
    this.#socket = socket;
    this.#target = target;
    this.#agreed.promise.catch(() => {});
    socket.on("data", (chunk: Buffer) => this.#receive(chunk));
    socket.once("end", () => {
      if (this.#ready) this.lose(`${this.#name} closed the connection`);
      else this.#fail(this.#lost("it was closed while the line was set up"));
    });
    socket.once("error", (cause) => this.destroy(this.#lost(cause.message)));
    socket.once("close", () => this.#fail(this.#lost("it was closed")));
  }

  /** @see connectRfc2217 */
  async setUp(baudRate: number): Promise<void> {
    for (const option of OURS) this.#request(TELNET.WILL, option);
    for (const option of THEIRS) this.#request(TELNET.DO, option);
    await this.#within(this.#agreed.promise, "to agree to RFC 2217");
    const rate = [24, 16, 8, 0].map((shift) => (baudRate >>> shift) & 0xff);
    await this.#set("baudrate", rate, `${baudRate} baud`);
    await this.#set("dataSize", [8], "8 data bits");
    await this.#set("parity", [1], "no parity");
    await this.#set("stopSize", [1], "1 stop bit");
    await this.#control(CONTROL.noFlowControl, "no flow control");
    await this.setLines({ dtr: true, rts: true });
    await this.#set("purge", [PURGE_RECEIVED], "an empty buffer");
    this.#ready = true;
  }

  /** Sets modem lines of the far port. */
  async setLines({ dtr, rts, brk }: LineStates): Promise<void> {
    if (dtr !== undefined) await this.#control(dtr ? CONTROL.dtrOn : CONTROL.dtrOff, "DTR");
    if (rts !== undefined) await this.#control(rts ? CONTROL.rtsOn : CONTROL.rtsOff, "RTS");
    if (brk !== undefined) await this.#control(brk ? CONTROL.breakOn : CONTROL.breakOff, "break");
  }

  /** Ends the stream without an error, as closing a device does. */
  hangUp(): void {
    this.push(null);
    this.#socket.destroy();
  }

  override _read(): void {
    this.#socket.resume();
  }

  protected override send(bytes: Uint8Array): Promise<void> {
    if (this.#socket.destroyed) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#socket.write(escapeIac(bytes), (error) => error ? reject(error) : resolve());
    });
  }

  override _final(callback: () => void): void {
    if (this.#socket.destroyed) return callback();
    this.#socket.end(() => callback());
  }

  protected override release(): void {
    this.#socket.destroy();
    this.#fail(this.#lost("it was closed"));
  }

  #receive(chunk: Uint8Array): void {
    const { data, events } = this.#decoder.push(chunk);
    for (const event of events) this.#handle(event);
    if (this.#ready && data.length > 0 && !this.push(data)) this.#socket.pause();
  }

  #handle(event: TelnetEvent): void {
    if (event.kind === "option") return this.#negotiate(event.verb, event.option);
    const [option, answer = 0, ...value] = event.bytes;
    if (option !== OPTION.comPort) return;
    const pending = this.#pending.get(answer - ANSWER);
    if (!pending) return;
    this.#pending.delete(answer - ANSWER);
    if (pending.value.every((byte, index) => value[index] === byte)) pending.resolve();
    else pending.reject(new Error(`found ${value.join(" ")}`));
  }

  #negotiate(verb: number, option: number): void {
    if (option === OPTION.comPort) {
      if (verb === TELNET.DO) this.#agreed.resolve();
      if (verb === TELNET.DONT) this.#agreed.reject(this.#stranger("a refusal"));
    }
    if (verb === TELNET.DO && !this.#asked.has(key(TELNET.WILL, option))) {
      this.#request(OURS.includes(option) ? TELNET.WILL : TELNET.WONT, option);
    }
    if (verb === TELNET.WILL && !this.#asked.has(key(TELNET.DO, option))) {
      this.#request(THEIRS.includes(option) ? TELNET.DO : TELNET.DONT, option);
    }
  }

  #request(verb: number, option: number): void {
    this.#asked.add(key(verb, option));
    this.#socket.write(Uint8Array.of(TELNET.IAC, verb, option));
  }

  async #control(value: number, what: string): Promise<void> {
    if (this.#target.ignoreSetControl) {
      this.#socket.write(subnegotiation(OPTION.comPort, COMMAND.control, value));
    } else await this.#set("control", [value], what);
  }

  async #set(command: keyof typeof COMMAND, value: readonly number[], what: string) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#pending.set(COMMAND[command], { value, resolve, reject });
    this.#socket.write(subnegotiation(OPTION.comPort, COMMAND[command], ...value));
    try {
      await this.#within(promise, `to confirm ${what}`);
    } catch (error) {
      if (error instanceof Timeout || error instanceof ConnectionFailed) throw error;
      throw new DeviceError(
        `Cannot set up ${this.#name}: expected ${what}, ${(error as Error).message}; ` +
          "check the settings of the server and of 'baudrate'",
      );
    }
  }

  async #within(task: Promise<void>, what: string): Promise<void> {
    const { timeout } = this.#target;
    const late = () =>
      new Timeout(
        `Cannot set up ${this.#name}: expected the server ${what} within ${timeout} s, found no ` +
          "answer; check that it is an RFC 2217 server, or use socket://host:port for a raw TCP port",
      );
    await withDeadline(task, { ms: timeout * 1000, late });
  }

  #fail(error: Error): void {
    this.#agreed.reject(error);
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }

  get #name(): string {
    return nameOf(this.#target, "rfc2217");
  }

  #stranger(found: string): ConnectionFailed {
    return new ConnectionFailed(
      `Cannot set up ${this.#name}: expected an RFC 2217 server, found ${found}; ` +
        "use socket://host:port for a raw TCP port",
    );
  }

  #lost(reason: string): ConnectionFailed {
    return lost(this.#name, reason);
  }
}

function key(verb: number, option: number): string {
  return `${verb} ${option}`;
}
