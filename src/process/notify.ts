/**
 * Notifies the service manager (systemd, or a container runtime with its protocol, sd_notify(3))
 * of readiness, status and shutdown, and sends its watchdog keep-alive messages.
 *
 * @module
 */
import { printable } from "../text/printable.ts";
import type { Log } from "../log/log.ts";
import { NotifySocket } from "./notify_socket.ts";

/** The variables of sd_notify(3) and sd_watchdog_enabled(3). */
const VARIABLES = ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"] as const;

/** Number of keep-alive messages within the timeout of the watchdog. */
const BEATS = 4;

/** Longest status in characters, which fits in UTF-8 into the 4096 bytes that systemd reads. */
const MAX_STATUS = 1000;

/** Longest time between keep-alive messages, in milliseconds; timers accept at most 2^31 - 1. */
const MAX_BEAT_MS = 3_600_000;

/** Attempts to send a message while the manager's queue is full, and the wait between them. */
const TRIES = 20, WAIT_MS = 100;

/** Sends the notifications; does nothing without a service manager. */
export class ServiceManager implements Disposable {
  readonly #log: Log;
  readonly #socket: NotifySocket | undefined;
  readonly #stack = new DisposableStack();

  /** Removes the manager's variables from the environment, so that hooks do not inherit them. */
  constructor(log: Log) {
    this.#log = log;
    const [path, usec, pid] = VARIABLES.map((name) => Deno.env.get(name));
    for (const name of VARIABLES) Deno.env.delete(name);
    this.#socket = path ? this.#open(path) : undefined;
    if (!this.#socket) return;
    this.#stack.use(this.#socket);
    const forUs = pid === undefined || pid === "" || Number(pid) === Deno.pid;
    if (Number(usec) > 0 && forUs) this.#beat(Number(usec) / 1000);
  }

  /** Notifies that clients can connect. */
  ready(): void {
    this.#send("READY=1");
  }

  /** Sets the status line in `systemctl status`, cut to the length that systemd accepts. */
  status(line: string): void {
    // Without line breaks, since each line of a datagram is a separate message, such as MAINPID=.
    this.#send(`STATUS=${printable(line).slice(0, MAX_STATUS)}`);
  }

  /** Notifies that the service is shutting down. */
  stopping(): void {
    this.#send("STOPPING=1");
  }

  #open(path: string): NotifySocket | undefined {
    try {
      return new NotifySocket(path);
    } catch (error) {
      this.#log.warning((error as Error).message);
      return undefined;
    }
  }

  /** Sends keep-alive messages from the event loop, so that they stop while it is blocked. */
  #beat(limitMs: number): void {
    const every = Math.min(limitMs / BEATS, MAX_BEAT_MS);
    const beat = setInterval(() => this.#send("WATCHDOG=1"), every);
    this.#stack.defer(() => clearInterval(beat));
  }

  #send(text: string, tries = TRIES): void {
    if (this.#stack.disposed) return;
    try {
      if (this.#socket?.send(text) !== "busy" || tries <= 1) return;
      const again = setTimeout(() => this.#send(text, tries - 1), WAIT_MS);
      this.#stack.defer(() => clearTimeout(again));
    } catch (error) {
      // Disposes first, so that there is only one warning.
      this[Symbol.dispose]();
      this.#log.warning((error as Error).message);
    }
  }

  [Symbol.dispose](): void {
    this.#stack.dispose();
  }
}
