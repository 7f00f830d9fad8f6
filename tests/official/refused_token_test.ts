/** What the official client and the log say of a router that refuses the controller's tokens. */
import assert from "node:assert/strict";
import { TestController } from "../controller/controller.ts";
import { until } from "../until.ts";
import { openSite } from "./site.ts";
import { startLeasable } from "./transports.ts";

const TREE = { power: { type: "jumpstarter_driver_power.driver.MockPower" } };

const REFUSAL =
  /router localhost:\d+: it refuses the token of a client, so the client cannot connect: UNAUTHENTICATED: invalid jwt token; the controller has issued it, so either the router has another key \(let both have the same ROUTER_KEY, and restart them\), or their clocks differ: the token is valid from 20\S+Z until 20\S+Z, and the clock of this host says 20\S+Z/;

Deno.test("a router with another key is an error in the log, which the official client reads once it connects", async () => {
  await using site = await openSite();
  await using controller = await TestController.start();
  const { secret } = controller.router;
  controller.router.secret = new Uint8Array(32);
  controller.addClient({ name: "alice" });
  const text = controller.clientConfigYaml("alice", { unsafe: true });
  const file = await site.write("alice.yaml", text);
  await using exporter = await startLeasable(site, controller, "one", TREE);
  const lease = controller.lease("one", "alice");
  const options = ["--client-config", file, "--lease", lease.name, "--exporter-logs"];
  const argv = ["jmp", "shell", ...options, "--", "j", "power", "on"];
  const running = site.client.run(argv, { env: { COLUMNS: "1000" } });

  await exporter.child.saying(/ERROR .*: router localhost/);
  assert.match(exporter.child.log, REFUSAL);
  // Both sides of the tunnel are refused. The client tries again by itself, on the same lease.
  await until(() => controller.router.refused.length >= 2);
  controller.router.secret = secret;
  const { code, stdout, stderr } = await running;
  const said = `${stdout}${stderr}`;
  assert.equal(code, 0, said);
  assert.match(said, /Exporter one is unreachable/);
  assert.match(said, REFUSAL);
  assert.equal(exporter.child.log.match(/it refuses the token/g)?.length, 1, "once a minute");
});
