import assert from "node:assert/strict";
import fc from "fast-check";
import { ConnectionLimit, type CountedConnection } from "./connection_limit.ts";

function connection(host: string, idle = true): CountedConnection & { dismissed: boolean } {
  return {
    host,
    idle,
    dismissed: false,
    dismiss() {
      this.dismissed = true;
    },
  };
}

Deno.test("of too many unproven connections the oldest of the host with the most is closed", () => {
  const limit = new ConnectionLimit(() => ({ unproven: 3, all: 10 }));
  const [quiet, first, second, third] = [
    connection("b"),
    connection("a"),
    connection("a"),
    connection("a"),
  ];
  for (const one of [quiet, first, second, third]) limit.add(one);
  const dismissed = [quiet, first, second, third].map((one) => one.dismissed);
  assert.deepEqual(dismissed, [false, true, false, false]);
});

Deno.test("a proven connection is not closed for unproven ones", () => {
  const limit = new ConnectionLimit(() => ({ unproven: 2, all: 100 }));
  const proven = connection("a");
  limit.add(proven);
  limit.prove(proven);
  const unproven = Array.from({ length: 50 }, () => connection("a"));
  for (const one of unproven) limit.add(one);
  assert.equal(proven.dismissed, false);
  assert.equal(unproven.filter(({ dismissed }) => !dismissed).length, 2);
});

Deno.test("of too many in all an idle connection is closed, else the new one", () => {
  const limit = new ConnectionLimit(() => ({ unproven: 2, all: 3 }));
  const [busy, idle] = [connection("a", false), connection("a")];
  const come = (one: ReturnType<typeof connection>, proven: boolean) => {
    limit.add(one);
    if (proven) limit.prove(one);
    return one;
  };
  come(busy, true);
  come(idle, true);
  come(connection("b", false), true);
  come(connection("b", false), true);
  assert.deepEqual([busy.dismissed, idle.dismissed], [false, true]);
  assert.ok(come(connection("c"), false).dismissed);
});

Deno.test("however connections come and go, the limit holds and each is closed at most once", () => {
  const steps = fc.array(
    fc.tuple(fc.constantFrom("add", "prove", "delete"), fc.nat(40), fc.boolean()),
    { maxLength: 200 },
  );
  fc.assert(fc.property(steps, (list) => {
    const limit = new ConnectionLimit(() => ({ unproven: 4, all: 8 }));
    const present = new Set<CountedConnection>();
    const all: CountedConnection[] = [];
    for (const [what, number, idle] of list) {
      const chosen = all[number % Math.max(1, all.length)];
      if (what === "add") {
        const one: CountedConnection = {
          host: String(number % 5),
          idle,
          dismiss: () => assert.ok(present.delete(one), "dismissed twice, or after it had left"),
        };
        all.push(one);
        present.add(one);
        limit.add(one);
      } else if (chosen && present.has(chosen)) {
        if (what === "prove") limit.prove(chosen);
        else {
          present.delete(chosen);
          limit.delete(chosen);
        }
      }
      assert.equal(limit.size, present.size);
      assert.ok(limit.size <= 8);
    }
  }));
});
