/** Starts the worker of one driver file when it is needed and stops it when it is not. @module */
import { DriverError } from "../../driver/mod.ts";
import { secureFile } from "./files.ts";
import { type Bounds, DriverWorker } from "./driver_worker.ts";
import type { Exports } from "./protocol.ts";

/** A worker that has loaded its file. */
export interface Loaded {
  readonly worker: DriverWorker;
  readonly exports: Exports;
}

/** The worker of one file, which runs only while it is needed. */
export class DriverHost implements Disposable {
  readonly #path: string;
  readonly #bounds: Bounds;
  #starting: Promise<Loaded> | undefined;
  #worker: DriverWorker | undefined;
  #users = 0;
  #idle: ReturnType<typeof setTimeout> | undefined;
  #disposed = false;

  /** @param path the real path of the file */
  constructor(path: string, bounds: Bounds) {
    this.#path = path;
    this.#bounds = bounds;
  }

  /**
   * Returns the worker, and starts it if necessary; `release` it afterwards.
   *
   * @throws {DriverError} if the file cannot be loaded, with the reason.
   */
  async acquire(): Promise<Loaded> {
    clearTimeout(this.#idle);
    this.#users++;
    try {
      return await (this.#starting ??= this.#start());
    } catch (error) {
      this.release();
      throw error;
    }
  }

  /**
   * Releases the worker. The last release stops it: after a while, or `atOnce` after a driver was
   * closed.
   */
  release(atOnce = false): void {
    if (--this.#users > 0 || this.#disposed) return;
    const unused = () => this.#worker?.stop(new DriverError(`${this.#path} is no longer in use`));
    if (atOnce) unused();
    else this.#idle = setTimeout(unused, this.#bounds.idle);
  }

  async #start(): Promise<Loaded> {
    const forget = () => {
      this.#starting = undefined;
      this.#worker = undefined;
    };
    try {
      secureFile(this.#path);
      if (this.#disposed) throw ended();
      this.#worker = new DriverWorker(this.#path, this.#bounds, forget);
      return { worker: this.#worker, exports: await this.#worker.load() };
    } catch (error) {
      this.#worker?.stop(error as DriverError);
      forget();
      throw error;
    }
  }

  /** Stops the worker, and does not start another one. */
  [Symbol.dispose](): void {
    this.#disposed = true;
    clearTimeout(this.#idle);
    this.#worker?.stop(ended());
  }
}

function ended(): DriverError {
  return new DriverError("Cannot use a custom driver: the exporter is shutting down");
}
