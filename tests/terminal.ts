/** A pseudo-terminal of 80 columns and 24 rows that a test looks at and types on. @module */
import assert from "node:assert/strict";
import { closeNow, tryRead, tryWrite } from "../src/libc/descriptors.ts";
import { openPty } from "../src/libc/pty.ts";
import "../src/libc/testing.ts";

/** How often a terminal looks for output, in milliseconds. */
const LOOK_MS = 5;

/** Keeps what it is shown. Disposing it hangs up. */
export class Terminal implements Disposable {
  /** For a program to open: `/dev/pts/N` */
  readonly path: string;
  readonly #fd: number;
  readonly #decoder = new TextDecoder();
  readonly #timer: ReturnType<typeof setInterval>;
  #shown = "";

  constructor() {
    ({ fd: this.#fd, path: this.path } = openPty());
    const size = { args: ["-F", this.path, "rows", "24", "cols", "80"] };
    assert.ok(new Deno.Command("stty", size).outputSync().success);
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
  }

  /** All output so far, as it came. */
  get shown(): string {
    this.#look();
    return this.#shown;
  }

  /** Types keys. */
  type(keys: string): void {
    const bytes = new TextEncoder().encode(keys);
    assert.equal(tryWrite(this.#fd, bytes), bytes.length);
  }

  /** The settings of the terminal, as `stty` prints them. */
  settings(): string {
    const { stdout } = new Deno.Command("stty", { args: ["-F", this.path, "-g"] }).outputSync();
    return new TextDecoder().decode(stdout);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    closeNow(this.#fd);
  }

  #look(): void {
    const buffer = new Uint8Array(16 * 1024);
    for (;;) {
      // It fails where there is nothing to read, or nobody has the other side open.
      const count = tryRead(this.#fd, buffer);
      if (count <= 0) return;
      this.#shown += this.#decoder.decode(buffer.subarray(0, count), { stream: true });
    }
  }
}
