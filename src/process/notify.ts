/**
 * Notifies the service manager (systemd, or a container runtime that speaks its protocol,
 * sd_notify(3)): of readiness, status, the end, and, for its watchdog, of being alive.
 *
 * @module
 */
import { printable } from "../text/printable.ts";
import type { Log } from "../log/log.ts";
import { NotifySocket } from "./notify_socket.ts";

/** The variables of sd_notify(3) and sd_watchdog_enabled(3). */
const VARIABLES = ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"] as const;

/** Messages to the watchdog within its timeout. */
const BEATS = 4;

/** Longest status in characters: in UTF-8 it fits into the 4096 bytes that systemd reads. */
const MAX_STATUS = 1000;

/** Longest time between messages to the watchdog, in ms; timers take at most 2^31 - 1. */
const MAX_BEAT_MS = 3_600_000;

/** Attempts to send a message that the manager has no room for, and the wait between them. */
const TRIES = 20, WAIT_MS = 100;

/** Sends the notifications, if there is a service manager. */
export class ServiceManager implements Disposable {
  readonly #log: Log;
  readonly #socket: NotifySocket | undefined;
  readonly #stack = new DisposableStack();

  /** Takes the manager's variables out of the environment: they are not for hooks. */
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

  /** Tells that clients can connect. */
  ready(): void {
    this.#send("READY=1");
  }

  /** Shows a line in `systemctl status`, cut to what systemd takes. */
  status(line: string): void {
    // Each line of a datagram is a message of its own, such as MAINPID=.
    this.#send(`STATUS=${printable(line).slice(0, MAX_STATUS)}`);
  }

  /** Tells that the service shuts down. */
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

  /** Runs on the event loop on purpose: while that is blocked, nothing is sent. */
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
      // Warned about in the log, and only once.
      this[Symbol.dispose]();
      this.#log.warning((error as Error).message);
    }
  }

  [Symbol.dispose](): void {
    this.#stack.dispose();
  }
}
