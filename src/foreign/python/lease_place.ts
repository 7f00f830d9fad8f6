/** The folders and sockets of one child. @module */
import { withDeadline } from "../../base/deadline.ts";
import { temporaryFolder } from "../../files/temporary_folder.ts";
import { eachMessage, messageLine } from "./json_lines.ts";

/** A connection that JSON lines pass over in both directions. */
export interface Control {
  send(message: unknown): void;
  /** Calls `onMessage` for each message until the end, which an error is as well. */
  each(onMessage: (message: never) => void): Promise<void>;
}

/** Two private folders, and the sockets where a child and its keeper call. */
export class LeasePlace implements AsyncDisposable {
  /** For sockets. */
  readonly folder: string;
  /** For temporary files of drivers. */
  readonly temporary: string;
  readonly #scope = new AsyncDisposableStack();
  readonly #listeners: readonly Deno.UnixListener[];

  /** @throws {Error} if a folder or socket cannot be made. */
  constructor() {
    try {
      this.folder = this.#use("sockets");
      this.temporary = this.#use("data");
      this.#listeners = ["output", "control"].map((name) => {
        const listener = Deno.listen({ transport: "unix", path: `${this.folder}/${name}` });
        this.#scope.defer(() => close(listener));
        return listener;
      });
    } catch (error) {
      void this.#scope.disposeAsync();
      throw error;
    }
  }

  #use(holds: "sockets" | "data"): string {
    const folder = temporaryFolder({ holds, prefix: "jmp-" });
    // The keeper removes it as well.
    this.#scope.defer(() => Promise.resolve(folder[Symbol.asyncDispose]()).catch(() => {}));
    return folder.path;
  }

  /** The output of the child and its keeper; it ends when both have ended. */
  async output(signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    return (await this.#accept(0, signal)).readable;
  }

  /** The connection to the child. */
  async control(signal: AbortSignal): Promise<Control> {
    const { readable, writable } = await this.#accept(1, signal);
    const writer = writable.getWriter();
    return {
      send: (message) => void writer.write(messageLine(message)).catch(() => {}),
      async each(onMessage) {
        await eachMessage(readable, onMessage).catch(() => {});
        await writer.close().catch(() => {});
      },
    };
  }

  async #accept(index: number, signal: AbortSignal): Promise<Deno.UnixConn> {
    const listener = this.#listeners[index]!;
    const accepted = listener.accept();
    // A connection that comes too late is nobody's.
    const drop = () => accepted.then(close, () => {});
    try {
      return await withDeadline(accepted, { signal });
    } catch (error) {
      drop();
      throw error;
    } finally {
      close(listener);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#scope.disposeAsync();
  }
}

function close(resource: { close(): void }): void {
  try {
    resource.close();
  } catch {
    // It is closed already.
  }
}
