/** TCP connections on a path that swallows packets which are too large for it (RFC 2923 §2.1). @module */
import { functions } from "./libc.ts";

/** bits/socket.h, netinet/in.h and netinet/tcp.h: the same on x86_64 and aarch64. */
const AF_INET = 2, IPPROTO_IP = 0, IPPROTO_TCP = 6, TCP_INFO = 11;
/** ip(7): packets are sent without "don't fragment". */
const IP_MTU_DISCOVER = 10, IP_PMTUDISC_DONT = 0;
/** Where `struct tcp_info` has tcpi_retransmits, one byte: how often the oldest packet was repeated. */
const RETRANSMITS_AT = 2;

/** Where Linux itself suspects the path, with tcp_mtu_probing (tcp_retries1 in tcp(7)). */
const SUSPECT = 3;

const libc = functions({
  getpeername: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  getsockopt: { parameters: ["i32", "i32", "i32", "buffer", "buffer"], result: "i32" },
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
});

/**
 * Lets routers split the packets of those connections over IPv4 of this process which have repeated
 * a packet three times in vain. For IPv6, where routers never split, nothing can be done here.
 *
 * @returns the peers of the connections that were changed, as `address:port`
 */
export function fragmentStalled(): string[] {
  const peers: string[] = [];
  for (const fd of descriptors()) {
    const peer = peerOverIpv4(fd);
    if (!peer || retransmits(fd) < SUSPECT || mtuDiscovery(fd) === IP_PMTUDISC_DONT) continue;
    const value = new Int32Array([IP_PMTUDISC_DONT]);
    const changed = libc().setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, bytesOf(value), 4);
    if (changed === 0) peers.push(peer);
  }
  return peers;
}

/** None where /proc is missing. */
function descriptors(): number[] {
  try {
    return Array.from(Deno.readDirSync("/proc/self/fd"), ({ name }) => Number(name));
  } catch {
    return [];
  }
}

function peerOverIpv4(fd: number): string | undefined {
  // struct sockaddr_in: family, port and address, the latter two in network order
  const address = new DataView(new ArrayBuffer(16));
  const length = new Uint32Array([16]);
  if (libc().getpeername(fd, bytesOf(address), bytesOf(length)) !== 0) return undefined;
  if (address.getUint16(0, true) !== AF_INET) return undefined;
  const octets = [4, 5, 6, 7].map((at) => address.getUint8(at));
  return `${octets.join(".")}:${address.getUint16(2)}`;
}

/** 0 for a socket that is not TCP. */
function retransmits(fd: number): number {
  return option(fd, IPPROTO_TCP, TCP_INFO, 8)?.getUint8(RETRANSMITS_AT) ?? 0;
}

function mtuDiscovery(fd: number): number | undefined {
  return option(fd, IPPROTO_IP, IP_MTU_DISCOVER, 4)?.getInt32(0, true);
}

function option(fd: number, level: number, name: number, size: number): DataView | undefined {
  const value = new DataView(new ArrayBuffer(size));
  const length = new Uint32Array([size]);
  const result = libc().getsockopt(fd, level, name, bytesOf(value), bytesOf(length));
  return result === 0 ? value : undefined;
}

function bytesOf({ buffer }: { readonly buffer: ArrayBuffer }): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer);
}
