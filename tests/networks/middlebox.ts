/**
 * A network of the kind that is between exporters and their controller: a site behind a middlebox,
 * as network namespaces. This host is the outside. Needs root, iproute2 and nftables.
 *
 * @module
 */
import { ChildProcess, run } from "../official/process.ts";

/** For benchmarks (RFC 2544), so nobody's; a subnet for each process of tests. */
const SUBNET = `198.19.${Deno.pid % 256}`;

/** Another address of the outside, which the middlebox leads to {@linkcode OUTSIDE}. */
export const SECOND = `${SUBNET}.3`;

/** For documentation (RFC 3849); private addresses would be tried after those of IPv4. */
const SUBNET6 = `2001:db8:${(Deno.pid % 65536).toString(16)}`;

/** This host's address, as the site sees it. */
export const OUTSIDE = `${SUBNET}.1`;
/** The address of this host to which the middlebox drops everything. */
export const OUTSIDE6 = `${SUBNET6}::1`;

const MIDDLE = `${SUBNET}.2`, GATEWAY = `${SUBNET}.129`;

const DELAY = new URL("delay.py", import.meta.url).pathname;

/** The middlebox translates addresses, and drops what belongs to no connection that it knows. */
const RULES = `
table inet jmp {
  chain forward {
    type filter hook forward priority 0; policy accept;
    ct state invalid drop
    jump fault
  }
  chain fault { }
  chain output { type filter hook output priority 0; policy accept; }
}
table ip nat {
  chain prerouting { type nat hook prerouting priority -100; ip daddr ${SECOND} dnat to ${OUTSIDE}; }
  chain postrouting { type nat hook postrouting priority 100; oifname "out" masquerade; }
}
`;

const UNTRACKED = `
table ip raw {
  chain prerouting { type filter hook prerouting priority -300; notrack; }
}
`;

/** Runs a command of the system. @throws {Error} with its output */
async function command(argv: readonly string[], stdin = ""): Promise<void> {
  const { code, stderr } = await run(argv, { stdin });
  if (code !== 0) throw new Error(`Cannot run ${argv.join(" ")}: ${stderr}`);
}

/** @see module */
export class Middlebox implements AsyncDisposable {
  readonly #space = `jmp-m${Deno.pid}`;
  readonly #site = `jmp-s${Deno.pid}`;
  readonly #wire = `jmpo${Deno.pid}`;
  readonly #scope = new AsyncDisposableStack();
  #host = 130;

  /** Makes the namespaces. @throws {Error} with the output of the command that failed */
  static async open(): Promise<Middlebox> {
    const box = new Middlebox();
    try {
      await box.#build();
      return box;
    } catch (error) {
      await box[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The command that runs its arguments at the site. */
  get wrapper(): readonly string[] {
    return ["nsenter", `--net=/run/netns/${this.#site}`];
  }

  /** Applies a rule of nft to everything that the middlebox forwards. */
  async fault(rule: string): Promise<void> {
    await this.#nft(`add rule inet jmp fault ${rule}`);
  }

  /** Removes the rules of {@linkcode fault}. */
  async heal(): Promise<void> {
    await this.#nft("flush chain inet jmp fault");
  }

  /** Lowers the MTU towards the outside, and says so to nobody. */
  async narrow(mtu: number): Promise<void> {
    await this.#nft("add rule inet jmp output icmp type destination-unreachable drop");
    await this.#ip("link", "set", "out", "mtu", `${mtu}`);
  }

  /** Sets after how long the middlebox forgets a connection that is idle, in seconds. */
  async forgetAfter(seconds: number): Promise<void> {
    for (const state of ["established", "unacknowledged", "max_retrans"]) {
      const name = `net.netfilter.nf_conntrack_tcp_timeout_${state}=${seconds}`;
      await this.#inside(this.#space, "sysctl", "-q", "-w", name);
    }
  }

  /** Gives the site another address, as a lease of DHCP or another network does. */
  async roam(): Promise<void> {
    await this.#at("addr", "flush", "dev", "eth0", "scope", "global");
    this.#host += 1;
    await this.#address();
  }

  /** Takes the site's interface down, or up again. */
  async link(state: "down" | "up"): Promise<void> {
    await this.#at("link", "set", "eth0", state);
    if (state === "up") await this.#at("route", "add", "default", "via", GATEWAY);
  }

  /**
   * Delays every packet by `ms`, loses the share `loss`, and bounds the bandwidth. Addresses are no
   * longer translated, because each packet passes twice.
   */
  async slow({ ms, loss, bits }: { ms: number; loss: number; bits: number }): Promise<void> {
    await this.#nft(UNTRACKED);
    const options = [`${ms}`, `${loss}`, `${bits}`];
    const argv = [...this.#in(this.#space), "python3", DELAY, ...options];
    await this.#scope.use(new ChildProcess(argv)).saying(/ready/);
    await this.#ip("link", "set", "jmpdelay", "up");
    for (const device of ["in", "out"]) await this.#ip("rule", "add", "iif", device, "table", "77");
    await this.#ip("route", "add", "default", "dev", "jmpdelay", "table", "77");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#scope.disposeAsync();
  }

  async #build(): Promise<void> {
    for (const space of [this.#space, this.#site]) {
      await command(["ip", "netns", "add", space]);
      this.#scope.defer(() => command(["ip", "netns", "del", space]));
      await command(["ip", "-n", space, "link", "set", "lo", "up"]);
    }
    const [space, site] = [this.#space, this.#site];
    await pair([this.#wire], ["out", "netns", space]);
    this.#scope.defer(() => command(["ip", "link", "del", this.#wire]));
    await pair(["in", "netns", space], ["eth0", "netns", site]);
    for (const name of ["ipv4.ip_forward", "ipv6.conf.all.forwarding"]) {
      await this.#inside(space, "sysctl", "-q", "-w", `net.${name}=1`);
    }
    // A connection that was forgotten is not taken up again.
    await this.#inside(space, "sysctl", "-q", "-w", "net.netfilter.nf_conntrack_tcp_loose=0");
    await this.#nft(RULES);
    await command(["ip", "addr", "add", `${OUTSIDE}/25`, "dev", this.#wire]);
    await command(["ip", "link", "set", this.#wire, "up"]);
    await command(["ip", "route", "add", `${SUBNET}.128/25`, "via", MIDDLE]);
    await this.#ip("addr", "add", `${MIDDLE}/25`, "dev", "out");
    await this.#ip("addr", "add", `${GATEWAY}/25`, "dev", "in");
    for (const device of ["in", "out"]) await this.#ip("link", "set", device, "up");
    await this.#at("link", "set", "eth0", "up");
    await this.#address();
    // The middlebox has a route to nowhere for IPv6, and is silent about it.
    await this.#ip("addr", "add", `${SUBNET6}:1::1/64`, "dev", "in", "nodad");
    await this.#at("addr", "add", `${SUBNET6}:1::2/64`, "dev", "eth0", "nodad");
    await this.#at("route", "add", "default", "via", `${SUBNET6}:1::1`);
    await this.#nft("add rule inet jmp output icmpv6 type destination-unreachable drop");
  }

  async #address(): Promise<void> {
    await this.#at("addr", "add", `${SUBNET}.${this.#host}/25`, "dev", "eth0");
    await this.#at("route", "add", "default", "via", GATEWAY);
  }

  #in(space: string): string[] {
    return ["nsenter", `--net=/run/netns/${space}`];
  }

  #inside(space: string, ...argv: string[]): Promise<void> {
    return command([...this.#in(space), ...argv]);
  }

  #ip(...args: string[]): Promise<void> {
    return command(["ip", "-n", this.#space, ...args]);
  }

  #at(...args: string[]): Promise<void> {
    return command(["ip", "-n", this.#site, ...args]);
  }

  #nft(rules: string): Promise<void> {
    return command([...this.#in(this.#space), "nft", "-f", "-"], `${rules}\n`);
  }
}

/** Makes two interfaces that are the ends of one wire. */
function pair(one: string[], other: string[]): Promise<void> {
  const [name, ...rest] = one;
  const [peer, ...others] = other;
  const ends = [name!, ...rest, "type", "veth", "peer", "name", peer!, ...others];
  return command(["ip", "link", "add", ...ends]);
}
