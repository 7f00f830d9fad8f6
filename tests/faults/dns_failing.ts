/**
 * The controller's name cannot be resolved: at the start, and later inside a lease. The
 * exporter runs in a mount namespace of its own, with files for names that we write.
 *
 * @module
 */
import { type Bench, type Fault, pause } from "./fault.ts";
import { Lab } from "./lab.ts";

const NAME = "controller.fault.test";

/** A resolver address without a server, so that names that are not in the file fail at once. */
const NO_RESOLVER = "nameserver 127.0.0.77\noptions timeout:1 attempts:1\n";

const NAMESPACE = [
  'mount --bind "$0/hosts" /etc/hosts',
  'mount --bind "$0/resolv.conf" /etc/resolv.conf',
  'exec "$@"',
].join(" && ");

/** @see Fault */
export const dnsFailing: Fault = {
  name: "dns-failing",
  async run(bench) {
    if (Deno.uid() !== 0) return skip(bench);
    await using lab = await Lab.open({
      controllerHost: NAME,
      wrapper: (dir) => ["unshare", "-m", "sh", "-c", NAMESPACE, dir],
    });
    await Deno.writeTextFile(`${lab.dir}/resolv.conf`, NO_RESOLVER);
    await vanish(lab);
    bench.inject("the controller's name is missing at the start");
    await lab.startExporter();
    await lab.exporter.line(/Register failed at name/);
    await appear(lab);
    await bench.recovery(() => lab.available());
    await using client = await lab.official();
    await lab.leaseWorks();
    const before = await lab.footprint();
    for (const awayMs of bench.quick ? [3_000] : [3_000, 30_000, 120_000]) {
      await client.lease();
      await client.works();
      bench.inject(`the name is gone for ${awayMs / 1_000} s, and the connections are cut`);
      await vanish(lab);
      lab.controller.front.cut();
      lab.controller.router.front.cut();
      await pause(awayMs);
      await appear(lab);
      await bench.recovery(() => client.works());
      await client.release();
      await lab.available();
    }
    await lab.leaseWorks();
    await lab.staysFlat(bench, before);
  },
};

function skip(bench: Bench): void {
  const text = "not run: it needs root, for a mount namespace";
  if (Deno.env.get("CI") === "true") throw new Error(`Cannot make DNS fail: ${text}`);
  bench.note(text);
}

/** Writes in place, because the mount binds the file, not its name. */
function vanish({ dir }: Lab): Promise<void> {
  return Deno.writeTextFile(`${dir}/hosts`, "127.0.0.1 localhost\n");
}

function appear({ dir }: Lab): Promise<void> {
  return Deno.writeTextFile(`${dir}/hosts`, `127.0.0.1 localhost ${NAME}\n`);
}
