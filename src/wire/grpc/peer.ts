/** The other end of a connection, as a server sees it. @module */
import { hostOfAddress } from "../net/peer_address.ts";

/** The peer of one connection; each connection has an object of its own. */
export interface Peer {
  /** `192.0.2.1:40000`, `[2001:db8::1]:40000`, or a description where there is no such address. */
  readonly address: string;
  /** Accepts no more calls, lets the present ones end, and closes the connection. */
  dismiss(): void;
  /** Accepts no more calls, ends the present ones with `error`, and closes the connection. */
  expel(error: Error): void;
}

/** Why a call is refused. */
export interface Refusal {
  readonly error: Error;
  /** How long to delay the answer, in milliseconds. */
  readonly delayMs: number;
}

/** The host of a peer: what it cannot change by connecting again. */
export function hostOf({ address }: Peer): string {
  return hostOfAddress(address);
}
