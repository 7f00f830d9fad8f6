/** Steppers that run in worker threads. @module */
import { programFile } from "../files/program.ts";
import { DeviceError, messageOf } from "../wire/error.ts";
import type { Answer, Request } from "./messages.ts";
import type { StepperName } from "./steppers.ts";
import { scheduler } from "./scheduler.ts";

/** Most workers; further steppers share them. */
const MAX_WORKERS = 4;

/** A request without its `id`. */
export type Step = Request extends infer R ? R extends Request ? Omit<R, "id"> : never : never;
/** An answer other than a failure. */
export type Result = Exclude<Answer, { failure: string }>;

/**
 * A stepper in a worker: a worker of its own while there are few. The worker ends, and frees
 * its memory, with its last stepper.
 */
export class RemoteStepper implements Disposable {
  readonly #worker: StepperWorker;
  readonly #id: number;

  private constructor(worker: StepperWorker) {
    this.#worker = worker;
    this.#id = worker.enter();
  }

  /** @throws {Error} if the worker or the stepper cannot be started. */
  static async start(stepper: StepperName): Promise<RemoteStepper> {
    // Starting a worker blocks the event loop for some 15 ms.
    await scheduler.join()();
    const started = new RemoteStepper(StepperWorker.forOneMore());
    try {
      await started.ask({ op: "start", stepper });
      return started;
    } catch (error) {
      started[Symbol.dispose]();
      throw error;
    }
  }

  /** Returns the answer to `step`. @throws {Error} if the step failed. */
  ask(step: Step): Promise<Result> {
    return this.#worker.ask({ ...step, id: this.#id });
  }

  [Symbol.dispose](): void {
    this.#worker.leave(this.#id);
  }
}

function startWorker(): Worker {
  try {
    const file = programFile(new URL("./worker.ts", import.meta.url));
    return new Worker(file, { type: "module" });
  } catch (error) {
    throw new DeviceError(messageOf(error), { cause: error });
  }
}

/** Number of running workers; for tests. */
export function workerCount(): number {
  return StepperWorker.count;
}

class StepperWorker {
  static readonly #running = new Set<StepperWorker>();

  readonly #worker = startWorker();
  readonly #waiting: PromiseWithResolvers<Result>[] = [];
  readonly #users = new Set<number>();
  #nextId = 0;
  #broken: Error | undefined;

  static get count(): number {
    return this.#running.size;
  }

  /** A new worker, or the one with the fewest steppers if there are enough. */
  static forOneMore(): StepperWorker {
    if (this.#running.size < MAX_WORKERS) return new StepperWorker();
    return [...this.#running].reduce((least, worker) =>
      worker.#users.size < least.#users.size ? worker : least
    );
  }

  constructor() {
    StepperWorker.#running.add(this);
    this.#worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      const waiting = this.#waiting.shift();
      if ("failure" in data) waiting?.reject(new Error(data.failure));
      else waiting?.resolve(data);
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#end(
        new DeviceError(`Cannot go on with the image: its worker failed: ${event.message}`),
      );
    };
  }

  enter(): number {
    this.#users.add(this.#nextId);
    return this.#nextId++;
  }

  ask(request: Request): Promise<Result> {
    if (this.#broken) return Promise.reject(this.#broken);
    const answer = Promise.withResolvers<Result>();
    this.#waiting.push(answer);
    this.#worker.postMessage(request, "bytes" in request ? [request.bytes.buffer] : []);
    return answer.promise;
  }

  leave(id: number): void {
    if (!this.#users.delete(id) || this.#broken) return;
    if (this.#users.size === 0) this.#end(new Error("its worker was stopped"));
    else this.ask({ op: "close", id }).catch(() => {});
  }

  #end(error: Error): void {
    this.#broken = error;
    StepperWorker.#running.delete(this);
    this.#worker.terminate();
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}
