/**
 * A short form of `deno task test:attacks`: every attack once, in one way, as one user, in
 * turn. The bound for other clients' waits only detects hangs, because the machine may be busy.
 */
import assert from "node:assert/strict";
import { scaleOf, type User, WAYS } from "./attack.ts";
import { attacks, hostAttacks } from "./list.ts";
import { endure, measure } from "./measure.ts";

const USERS: readonly User[] = ["root", "user"];
const HANG_MS = 15_000;

attacks.forEach((attack, at) => {
  const { name, ways = WAYS } = attack;
  const [way, user] = [ways[at % ways.length]!, USERS[Math.floor(at / 3) % 2]!];
  Deno.test(`${name} over ${way} does the exporter no harm`, async () => {
    const scale = scaleOf(true);
    const { broken } = await measure(attack, { way, user, scale, patienceMs: HANG_MS });
    assert.deepEqual(broken, []);
  });
});

for (const attack of hostAttacks) {
  for (const user of USERS) {
    Deno.test(`${attack.name} does an exporter of ${user} no harm`, async () => {
      const { broken } = await endure(attack, user);
      assert.deepEqual(broken, []);
    });
  }
}
