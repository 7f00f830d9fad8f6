/** The client tree that the official client must build from our report. @module */
import assert from "node:assert/strict";

/** The result of `programs/check_report.py` for a client. */
export interface ClientTree {
  readonly class: string;
  readonly uuid: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly description: string | null;
  readonly methods: Readonly<Record<string, string>>;
  readonly children: Readonly<Record<string, ClientTree>>;
}

const COMPOSITE = "jumpstarter_driver_composite.client.CompositeClient";
const POWER = "jumpstarter_driver_power.client.PowerClient";
const SERIAL = "jumpstarter_driver_pyserial.client.PySerialClient";
const NETWORK = "jumpstarter_driver_network.client.NetworkClient";
/** The class for a driver without a known client. */
const BASE = "jumpstarter.client.DriverClient";

const GROUP = { inner: POWER, deeper: { echo: NETWORK } };

type Names = { readonly [name: string]: string | Names };

const EXPECTED: Names = {
  power: POWER,
  reference: POWER,
  group: GROUP,
  again: GROUP,
  serial: SERIAL,
  sink: SERIAL,
  loop: SERIAL,
  gone: SERIAL,
  tcp: NETWORK,
  hidden: NETWORK,
  udp: NETWORK,
  unix: NETWORK,
  websocket: NETWORK,
  echo: NETWORK,
  faults: BASE,
  alien: BASE,
};

/** Compares the tree with the site's config. */
export function checkReport(root: ClientTree): void {
  assert.deepEqual(root.labels, { "jumpstarter.dev/client": COMPOSITE });
  assert.deepEqual(names(root), EXPECTED);
  // JSON text keeps the order of the entries.
  assert.equal(JSON.stringify(Object.keys(root.children)), JSON.stringify(Object.keys(EXPECTED)));
  const { power, reference, group, again } = root.children;
  assert.equal(power?.description, "Supply of the board");
  assert.deepEqual(power?.methods, { on: "Go live" });
  assert.equal(reference?.description, null);
  assert.equal(reference?.uuid, group?.children["inner"]?.uuid);
  assert.deepEqual({ ...again, labels: {} }, { ...group, labels: {} });
  for (const client of everyone(root)) assert.match(client.uuid, /^[0-9a-f-]{36}$/);
  assert.equal(new Set(everyone(root).map(({ uuid }) => uuid)).size, 18);
}

/** Names and client classes, as Python resolves them. */
function names({ children }: ClientTree): Names {
  return Object.fromEntries(
    Object.entries(children).map(([name, child]) => {
      const label = child.labels["jumpstarter.dev/client"]!;
      assert.equal(child.labels["jumpstarter.dev/name"], name);
      assert.equal(child.class.split(".").at(-1), label.split(".").at(-1));
      return [name, label === COMPOSITE ? names(child) : label];
    }),
  );
}

function everyone(client: ClientTree): ClientTree[] {
  return [client, ...Object.values(client.children).flatMap(everyone)];
}
