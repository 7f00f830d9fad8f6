/**
 * A port that reads the first TLS message of each client and closes the connection, so that a test
 * sees the offered protocols and not only the chosen one.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type * as net from "node:net";
import { BadPort } from "./bad_port.ts";

const ALPN_EXTENSION = 16;
/** Record header, message header, version and random. */
const SESSION_ID_OFFSET = 5 + 4 + 2 + 32;

/** Records the ALPN list of every connection. */
export class AlpnProbe extends BadPort {
  /** The offers of the connections, oldest first; empty if there was none. */
  readonly offers: string[][] = [];
  readonly #waiters: ((offer: string[]) => void)[] = [];

  /** Opens a probe on an ephemeral port. */
  static override async open(): Promise<AlpnProbe> {
    const probe = new AlpnProbe();
    await probe.listen();
    return probe;
  }

  /** The next offer. */
  next(): Promise<string[]> {
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  protected override handle(socket: net.Socket): void {
    let received = Buffer.alloc(0);
    socket.on("data", (chunk) => {
      received = Buffer.concat([received, chunk as Buffer]);
      if (received.length < 5 || received.length < 5 + received.readUInt16BE(3)) return;
      const offer = offeredProtocols(received);
      this.offers.push(offer);
      for (const resolve of this.#waiters.splice(0)) resolve(offer);
      socket.destroy();
    });
  }
}

/** The protocols in the ALPN extension of a whole ClientHello record (RFC 8446 §4.1.2, RFC 7301 §3.1). */
export function offeredProtocols(hello: Buffer): string[] {
  let at = SESSION_ID_OFFSET;
  at += 1 + hello.readUInt8(at);
  at += 2 + hello.readUInt16BE(at);
  at += 1 + hello.readUInt8(at);
  const end = at + 2 + hello.readUInt16BE(at);
  at += 2;
  while (at + 4 <= end) {
    const type = hello.readUInt16BE(at);
    const length = hello.readUInt16BE(at + 2);
    const body = hello.subarray(at + 4, at + 4 + length);
    if (type === ALPN_EXTENSION) return protocolNames(body.subarray(2));
    at += 4 + length;
  }
  return [];
}

function protocolNames(list: Buffer): string[] {
  const names: string[] = [];
  for (let at = 0; at < list.length;) {
    const length = list.readUInt8(at);
    names.push(list.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  return names;
}
