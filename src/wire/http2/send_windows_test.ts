import assert from "node:assert/strict";
import fc from "fast-check";
import { ConnectionError, DEFAULT_WINDOW, MAX_WINDOW } from "./codes.ts";
import { SendWindows } from "./send_windows.ts";
import { Http2Stream, type StreamOwner } from "./stream.ts";

const NOBODY = {} as StreamOwner;

/** One window for each stream, each changed at each change of the settings. */
class Naive {
  initial = DEFAULT_WINDOW;
  readonly windows = new Map<number, number>();

  resize(initial: number): boolean {
    const change = initial - this.initial;
    this.initial = initial;
    for (const [id, window] of this.windows) this.windows.set(id, window + change);
    return [...this.windows.values()].every((window) => window <= MAX_WINDOW);
  }
}

const id = fc.integer({ min: 0, max: 5 });
const size = fc.oneof(
  fc.integer({ min: 1, max: 100_000 }),
  fc.integer({ min: 2 ** 30, max: MAX_WINDOW }),
);
const step = fc.oneof(
  fc.record({ op: fc.constant("open" as const), id }),
  fc.record({ op: fc.constant("close" as const), id }),
  fc.record({ op: fc.constant("grow" as const), id, size }),
  fc.record({ op: fc.constant("spend" as const), id, size }),
  fc.record({ op: fc.constant("resize" as const), size: fc.oneof(fc.constant(0), size) }),
);

Deno.test("windows are what they would be if each were changed with the settings", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const windows = new SendWindows();
      const streams = new Map<number, Http2Stream>();
      const naive = new Naive();
      for (const todo of steps) {
        if (todo.op === "resize") {
          const fits = naive.resize(todo.size);
          try {
            windows.resize(todo.size, streams.values());
          } catch (error) {
            assert.ok(error instanceof ConnectionError && !fits);
            return;
          }
          assert.ok(fits, "a window beyond all was not found");
        } else if (todo.op === "open") {
          streams.set(todo.id, new Http2Stream(todo.id, NOBODY, 0));
          naive.windows.set(todo.id, naive.initial);
        } else if (todo.op === "close") {
          streams.delete(todo.id);
          naive.windows.delete(todo.id);
        } else {
          const stream = streams.get(todo.id);
          if (!stream) continue;
          const before = naive.windows.get(todo.id)!;
          // As the sender does, no more than the window lets out.
          const sent = Math.min(todo.size, Math.max(before, 0));
          const after = todo.op === "grow" ? before + todo.size : before - sent;
          naive.windows.set(todo.id, after);
          if (todo.op === "spend") windows.spend(stream, sent);
          else {
            const fits = windows.grow(stream, todo.size);
            assert.equal(fits, after <= MAX_WINDOW);
            // A breach ends its stream.
            if (!fits) streams.delete(todo.id), naive.windows.delete(todo.id);
          }
        }
        for (const [number, stream] of streams) {
          assert.equal(windows.of(stream), naive.windows.get(number));
        }
      }
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("a change of the settings looks at no stream where none can be too large", () => {
  const windows = new SendWindows();
  const stream = new Http2Stream(1, NOBODY, 0);
  windows.grow(stream, 1_000_000);
  const untouchable: Iterable<Http2Stream> = {
    [Symbol.iterator]() {
      throw new Error("somebody looked");
    },
  };
  for (let size = 0; size < 10_000; size++) windows.resize(size, untouchable);
  assert.equal(windows.of(stream), 1_009_999);
});
