import assert from "node:assert/strict";
import fc from "fast-check";
import { type Guest, Guests } from "./guests.ts";

function guest(host: string, idle = true): Guest & { dismissed: boolean } {
  return {
    host,
    idle,
    dismissed: false,
    dismiss() {
      this.dismissed = true;
    },
  };
}

Deno.test("of too many strangers the oldest of the host with the most goes", () => {
  const guests = new Guests(() => ({ strangers: 3, all: 10 }));
  const [quiet, first, second, third] = [guest("b"), guest("a"), guest("a"), guest("a")];
  for (const one of [quiet, first, second, third]) guests.add(one);
  const dismissed = [quiet, first, second, third].map((one) => one.dismissed);
  assert.deepEqual(dismissed, [false, true, false, false]);
});

Deno.test("whoever is known is not dismissed for strangers", () => {
  const guests = new Guests(() => ({ strangers: 2, all: 100 }));
  const known = guest("a");
  guests.add(known);
  guests.know(known);
  const strangers = Array.from({ length: 50 }, () => guest("a"));
  for (const one of strangers) guests.add(one);
  assert.equal(known.dismissed, false);
  assert.equal(strangers.filter(({ dismissed }) => !dismissed).length, 2);
});

Deno.test("of too many in all, one that is idle goes, and else the one that has come", () => {
  const guests = new Guests(() => ({ strangers: 2, all: 3 }));
  const [busy, idle] = [guest("a", false), guest("a")];
  const come = (one: ReturnType<typeof guest>, known: boolean) => {
    guests.add(one);
    if (known) guests.know(one);
    return one;
  };
  come(busy, true);
  come(idle, true);
  come(guest("b", false), true);
  come(guest("b", false), true);
  assert.deepEqual([busy.dismissed, idle.dismissed], [false, true]);
  assert.ok(come(guest("c"), false).dismissed);
});

Deno.test("however guests come and go, the bounds hold and each is dismissed at most once", () => {
  const steps = fc.array(
    fc.tuple(fc.constantFrom("add", "know", "delete"), fc.nat(40), fc.boolean()),
    { maxLength: 200 },
  );
  fc.assert(fc.property(steps, (list) => {
    const guests = new Guests(() => ({ strangers: 4, all: 8 }));
    const present = new Set<Guest>();
    const all: Guest[] = [];
    for (const [what, number, idle] of list) {
      const chosen = all[number % Math.max(1, all.length)];
      if (what === "add") {
        const one: Guest = {
          host: String(number % 5),
          idle,
          dismiss: () => assert.ok(present.delete(one), "dismissed twice, or after it had left"),
        };
        all.push(one);
        present.add(one);
        guests.add(one);
      } else if (chosen && present.has(chosen)) {
        if (what === "know") guests.know(chosen);
        else {
          present.delete(chosen);
          guests.delete(chosen);
        }
      }
      assert.equal(guests.size, present.size);
      assert.ok(guests.size <= 8);
    }
  }));
});
