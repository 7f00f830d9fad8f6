/**
 * Exporter objects that are deleted and created again, in every phase of a lease. In each case the
 * exporter can be leased again within seconds, and no hook runs twice in one lease.
 *
 * | the object is recreated | beforeLease | afterLease | the lease                              |
 * | ----------------------- | ----------- | ---------- | -------------------------------------- |
 * | idle                    | –           | –          | –                                      |
 * | as the lease is given   | once        | once       | goes on, or ends if it is collected    |
 * | during beforeLease      | once        | once       | goes on, or ends if it is collected    |
 * | ready, with a client    | once        | once       | ends; given back if it is not collected |
 * | during afterLease       | once        | once       | ends; given back if it is not collected |
 * | while it is given back  | once        | once       | ends; given back if it is not collected |
 */
import assert from "node:assert/strict";
import { ExporterStatus as Status } from "../src/wire/gen/jumpstarter/v1/common.ts";
import { ControllerServiceService } from "../src/wire/gen/jumpstarter/v1/jumpstarter.ts";
import { TestController } from "./controller/controller.ts";
import { type ExporterRecord, key, type LeaseRecord, newLease } from "./controller/records.ts";
import { RawExporter } from "./controller/raw_exporter.ts";
import { identityToken } from "./controller/token.ts";
import { until } from "./until.ts";
import { type RunningExporter, startExporter } from "./exporter.ts";
import { EXPORT, powerOn } from "./hook_lab.ts";

/** "Within seconds", on a busy machine. */
const SOON_MS = 20_000;

/** A controller, an exporter with hooks and its token in a file, and a record of its hooks. */
class Place implements AsyncDisposable {
  readonly scope = new AsyncDisposableStack();
  readonly dir = Deno.makeTempDirSync({ prefix: "jmp-renewal-" });
  controller!: TestController;
  running!: RunningExporter;

  static async open({ renewMs }: { renewMs?: number } = {}): Promise<Place> {
    const place = new Place();
    const { scope, dir } = place;
    scope.defer(() => Deno.remove(dir, { recursive: true }));
    const controller = place.controller = scope.use(await TestController.start());
    const { token } = controller.addExporter({ name: "demo", labels: { board: "a" } });
    controller.addClient({ name: "tester" });
    place.writeToken(token);
    for (const hook of ["beforeLease", "afterLease"] as const) place.let(hook);
    const text = controller.exporterConfigYaml("demo", EXPORT, {
      token: null,
      tokenFile: `${dir}/token`,
      hooks: { beforeLease: place.#hook("beforeLease"), afterLease: place.#hook("afterLease") },
    });
    // `token: null` would be a mistake of the config.
    const config = text.replace("token: null\n", "").replace(/^token: .*\n/m, "");
    place.running = scope.use(
      await startExporter(config, renewMs === undefined ? {} : { renewMs }),
    );
    await until(() => place.record.status === Status.EXPORTER_STATUS_AVAILABLE);
    await until(() => place.record.streams > 0);
    return place;
  }

  /** The object as it is now. */
  get record(): ExporterRecord {
    return this.controller.store.exporters.get(key("lab", "demo"))!;
  }

  writeToken(token: string): void {
    Deno.writeTextFileSync(`${this.dir}/token.new`, token);
    Deno.renameSync(`${this.dir}/token.new`, `${this.dir}/token`);
  }

  /** Makes `hook` wait at its end. */
  stop(hook: string): void {
    Deno.removeSync(`${this.dir}/${hook}.open`);
  }

  /** Lets `hook` end. */
  let(hook: string): void {
    Deno.writeTextFileSync(`${this.dir}/${hook}.open`, "");
  }

  /** A line for each hook that ran: `beforeLease LEASE`. */
  hooks(): string[] {
    try {
      return Deno.readTextFileSync(`${this.dir}/hooks`).trim().split("\n");
    } catch {
      return [];
    }
  }

  /** A lease that waits until `demo` can be leased. */
  async newLease(): Promise<LeaseRecord> {
    const { store } = this.controller;
    const lease = newLease({ namespace: "lab", name: "tester" }, { exporterName: "demo" });
    store.leases.set(key("lab", lease.name), lease);
    store.changed();
    await until(() => lease.exporter !== undefined, SOON_MS);
    return lease;
  }

  /** Leases the exporter and uses it: hooks, client and all. */
  async works(): Promise<void> {
    const lease = await this.newLease();
    // Until then the ready lease is the previous one.
    await until(() => this.hooks().includes(`beforeLease ${lease.name}`), SOON_MS);
    await until(() => this.record.status === Status.EXPORTER_STATUS_LEASE_READY, SOON_MS);
    {
      await using client = await this.controller.sessionClient(lease);
      await powerOn(client);
    }
    this.controller.endLease(lease);
    await until(() => this.record.status === Status.EXPORTER_STATUS_AVAILABLE, SOON_MS);
    const ran = this.hooks().filter((line) => line.endsWith(lease.name));
    assert.deepEqual(ran, [`beforeLease ${lease.name}`, `afterLease ${lease.name}`]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.scope.disposeAsync();
  }

  #hook(name: string) {
    const { dir } = this;
    const script = `echo ${name} $LEASE_NAME >> ${dir}/hooks\n` +
      `until [ -e ${dir}/${name}.open ]; do sleep 0.05; done\n`;
    return { script, timeout: 60, onFailure: "warn" };
  }
}

/** Brings the place into a phase of a lease. @returns how to continue */
type Phase = (place: Place) => Promise<() => void | Promise<void>>;

const nothing = () => {};

/** Leases, and waits until `hook` runs and waits. */
async function during(place: Place, hook: string): Promise<LeaseRecord> {
  place.stop(hook);
  const lease = await place.newLease();
  if (hook === "afterLease") {
    await until(() => place.record.status === Status.EXPORTER_STATUS_LEASE_READY);
    const client = await place.controller.sessionClient(lease);
    await client.endSession();
    place.scope.use(client);
  }
  await until(() => place.hooks().includes(`${hook} ${lease.name}`), SOON_MS);
  return lease;
}

/** Only time tells the exporter that something has happened. */
const RENEW_MS = 1_000;

const PHASES: Readonly<Record<string, Phase>> = {
  "idle": () => Promise.resolve(nothing),
  "as the lease is given": async (place) => {
    await place.newLease();
    return nothing;
  },
  "during beforeLease": async (place) => {
    await during(place, "beforeLease");
    return () => place.let("beforeLease");
  },
  "ready, with a client": async (place) => {
    const lease = await place.newLease();
    await until(() => place.record.status === Status.EXPORTER_STATUS_LEASE_READY, SOON_MS);
    const client = place.scope.use(await place.controller.sessionClient(lease));
    await powerOn(client);
    return nothing;
  },
  "during afterLease": async (place) => {
    await during(place, "afterLease");
    return () => place.let("afterLease");
  },
  "while it is given back": async (place) => {
    await during(place, "afterLease");
    place.let("afterLease");
    await new Promise((resolve) => setTimeout(resolve, 300));
    return nothing;
  },
};

/** Phases after which the exporter cannot serve the lease any more. */
const GIVEN_BACK = new Set(["ready, with a client", "during afterLease", "while it is given back"]);

interface Way {
  readonly what: string;
  /** How long there is no object, in milliseconds. */
  readonly goneMs: number;
  /** When the exporter has the new token. */
  readonly token: "before" | "after" | "late";
  readonly collectMs: number | undefined;
}

const WAYS: readonly Way[] = [
  { what: "at once, token after", goneMs: 0, token: "after", collectMs: 500 },
  { what: "at once, token before", goneMs: 0, token: "before", collectMs: undefined },
  { what: "at once, token 3 s later", goneMs: 0, token: "late", collectMs: undefined },
  { what: "after a second, token after", goneMs: 1_000, token: "after", collectMs: undefined },
  { what: "after a second, token before", goneMs: 1_000, token: "before", collectMs: 500 },
];

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function renew(place: Place, { goneMs, token: when, collectMs }: Way): Promise<void> {
  const token = identityToken("demo");
  const old = place.controller.deleteExporter("demo");
  if (when === "before") place.writeToken(token);
  if (goneMs > 0) await pause(goneMs);
  place.controller.createAnew(old, { token, collectMs });
  if (when === "late") await pause(3_000);
  if (when !== "before") place.writeToken(token);
}

/** Ends the previous lease, whatever its state, as a client does at its end. */
function endOthers({ controller }: Place): void {
  for (const lease of controller.store.leases.values()) controller.endLease(lease);
}

for (const [name, enter] of Object.entries(PHASES)) {
  Deno.test(`an Exporter object made anew (${name}) can be leased in seconds, hooks run once`, async () => {
    const outcomes = await Promise.allSettled(WAYS.map(async (way) => {
      await using place = await Place.open();
      const goOn = await enter(place);
      const [lease] = [...place.controller.store.leases.values()];
      await renew(place, way);
      await pause(500);
      await goOn();
      const { record } = place;
      await until(() => record.reports.length > 0, SOON_MS);
      if (lease && GIVEN_BACK.has(name)) await until(() => lease.end !== undefined, SOON_MS);
      endOthers(place);
      await place.works();
      if (!lease) return;
      const ran = place.hooks().filter((line) => line.endsWith(lease.name));
      const expected = [`beforeLease ${lease.name}`, `afterLease ${lease.name}`];
      // Given as its exporter goes, it may be collected before the exporter has heard of it.
      const unheard = name === "as the lease is given" && way.collectMs !== undefined;
      if (unheard && ran.length === 0) return;
      assert.deepEqual(ran, expected, way.what);
    }));
    const failed = outcomes.flatMap((outcome, index) => {
      return outcome.status === "rejected" ? [`${WAYS[index]!.what}: ${outcome.reason}`] : [];
    });
    assert.deepEqual(failed, []);
  });
}

Deno.test("an Exporter object made anew for which the same token is good can be leased", async () => {
  await using place = await Place.open({ renewMs: RENEW_MS });
  const old = place.controller.deleteExporter("demo");
  place.controller.createAnew(old, { token: old.token });
  await place.works();
  await place.running.line(/created anew at the controller: registered with [-0-9a-f]{36}/);
});

Deno.test("an exporter that somebody else unregisters registers again", async () => {
  await using place = await Place.open({ renewMs: RENEW_MS });
  const { controller } = place;
  using other = new RawExporter(controller, place.record);
  await other.start();
  await other.ask(ControllerServiceService.unregister, { reason: "" });
  assert.equal(place.record.status, Status.EXPORTER_STATUS_OFFLINE);
  await place.works();
});

Deno.test("an exporter with a new token is known by it, whichever of the two changes first", async () => {
  await using place = await Place.open({ renewMs: RENEW_MS });
  const { controller } = place;
  const first = controller.retoken("demo");
  await place.running.line(/the token is not valid/);
  place.writeToken(first);
  await place.works();
  const second = identityToken("demo");
  place.writeToken(second);
  await pause(2 * RENEW_MS);
  controller.retoken("demo", second);
  await place.works();
});

Deno.test("who loses its Listen stream again and again says that its name is used twice, and lets be", async () => {
  await using place = await Place.open();
  const { controller } = place;
  const lease = await place.newLease();
  await until(() => place.record.status === Status.EXPORTER_STATUS_LEASE_READY, SOON_MS);
  using other = new RawExporter(controller, place.record);
  const before = listens(controller);
  const end = Date.now() + 8_000;
  while (Date.now() < end) {
    const seen = listens(controller);
    void other.listen(lease.name).over;
    await until(() => listens(controller) > seen + 1 || Date.now() > end, SOON_MS);
  }
  const warnings = place.running.records.filter(({ message }) =>
    /somebody else uses/.test(message)
  );
  assert.equal(warnings.length, 1);
  assert.match(
    warnings[0]!.message,
    /ended Listen 3 times .* uses the name lab\/demo; find the other/,
  );
  // Half of them belong to the other exporter.
  assert.ok((listens(controller) - before) / 2 <= 6, "two exporters fight at full speed");
});

function listens({ calls }: TestController): number {
  return calls.filter(({ method }) => method === "Listen").length;
}
