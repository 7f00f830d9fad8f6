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

/** Reused, as every descriptor of the process is asked each time. */
const value = new DataView(new ArrayBuffer(16)), length = new Uint32Array(1);
const valueBytes = new Uint8Array(value.buffer), lengthBytes = new Uint8Array(length.buffer);

/**
 * Lets routers split the packets of those connections over IPv4 of this process which have repeated
 * a packet three times in vain. For IPv6, where routers never split, nothing can be done here.
 *
 * @returns the peers of the connections that were changed, as `address:port`
 */
export function fragmentStalled(): string[] {
  const peers: string[] = [];
  for (const fd of descriptors()) {
    if (retransmits(fd) < SUSPECT) continue;
    const peer = peerOverIpv4(fd);
    if (peer && allowFragments(fd)) peers.push(peer);
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

/** 0 for a descriptor that is no TCP connection. */
function retransmits(fd: number): number {
  return readOption(fd, IPPROTO_TCP, TCP_INFO) ? value.getUint8(RETRANSMITS_AT) : 0;
}

function peerOverIpv4(fd: number): string | undefined {
  length[0] = value.byteLength;
  if (libc().getpeername(fd, valueBytes, lengthBytes) !== 0) return undefined;
  // struct sockaddr_in: family, port and address, the latter two in network order
  if (value.getUint16(0, true) !== AF_INET) return undefined;
  return `${valueBytes.slice(4, 8).join(".")}:${value.getUint16(2)}`;
}

/** False if they were allowed before. */
function allowFragments(fd: number): boolean {
  const known = readOption(fd, IPPROTO_IP, IP_MTU_DISCOVER);
  if (!known || value.getInt32(0, true) === IP_PMTUDISC_DONT) return false;
  value.setInt32(0, IP_PMTUDISC_DONT, true);
  return libc().setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, valueBytes, 4) === 0;
}

/** Reads an option into {@linkcode value}, as much of it as there is room for. */
function readOption(fd: number, level: number, name: number): boolean {
  length[0] = value.byteLength;
  return libc().getsockopt(fd, level, name, valueBytes, lengthBytes) === 0;
}
