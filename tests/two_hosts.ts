/**
 * Two hosts as network namespaces, each connected to this host.
 * Needs root and iproute2.
 *
 * @module
 */

const decoder = new TextDecoder();

async function ip(...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("ip", { args }).output();
  if (!success) throw new Error(`Cannot run ip ${args.join(" ")}: ${decoder.decode(stderr)}`);
}

/** The hosts, and how to reach this one from them. */
export interface TwoHosts extends AsyncDisposable {
  /** This host's address. */
  readonly here: string;
  /** For each host, the command that runs its arguments there. */
  readonly wrappers: readonly (readonly string[])[];
  /** Lets the hosts reach `port` of 127.0.0.1, as the same port of `here`. */
  forward(port: number): Disposable;
}

/** Opens both. @throws {Error} with what `ip` says */
export async function openHosts(): Promise<TwoHosts> {
  await using scope = new AsyncDisposableStack();
  // RFC 2544: for benchmarks, so nobody's. A subnet for each process of tests.
  const subnet = `198.18.${Deno.pid % 256}`;
  const here = `${subnet}.1`;
  const bridge = `jmpb${Deno.pid}`;
  await ip("link", "add", bridge, "type", "bridge");
  scope.defer(() => ip("link", "del", bridge));
  await ip("addr", "add", `${here}/24`, "dev", bridge);
  await ip("link", "set", bridge, "up");
  const wrappers: string[][] = [];
  for (const index of [1, 2]) {
    const space = `jmp-${Deno.pid}-${index}`;
    const wire = `jmpw${Deno.pid}-${index}`.slice(-15);
    await ip("netns", "add", space);
    scope.defer(() => ip("netns", "del", space));
    await ip("link", "add", wire, "type", "veth", "peer", "name", "eth0", "netns", space);
    await ip("link", "set", wire, "master", bridge, "up");
    await ip("-n", space, "addr", "add", `${subnet}.${index + 1}/24`, "dev", "eth0");
    for (const device of ["lo", "eth0"]) await ip("-n", space, "link", "set", device, "up");
    wrappers.push(["nsenter", `--net=/run/netns/${space}`]);
  }
  const kept = scope.move();
  return {
    here,
    wrappers,
    forward: (port) => forward(here, port),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

function forward(hostname: string, port: number): Disposable {
  const listener = Deno.listen({ hostname, port });
  const open = new Set<Deno.Conn>();
  const pipe = async (near: Deno.Conn) => {
    const far = await Deno.connect({ hostname: "127.0.0.1", port });
    for (const conn of [near, far]) open.add(conn);
    await Promise.allSettled([
      near.readable.pipeTo(far.writable),
      far.readable.pipeTo(near.writable),
    ]);
    for (const conn of [near, far]) open.delete(conn);
  };
  (async () => {
    for await (const conn of listener) pipe(conn).catch(() => conn.close());
  })().catch(() => {});
  return {
    [Symbol.dispose]() {
      listener.close();
      for (const conn of open) conn.close();
    },
  };
}
