/** Who is at the other end of a connection, as far as a server can tell. @module */

/** One object for each connection. */
export interface Peer {
  /** `192.0.2.1:40000`, `[2001:db8::1]:40000`, or in words where there is no such address. */
  readonly address: string;
  /** Lets the calls that it has made end, takes no more of them, and closes the connection. */
  dismiss(): void;
  /** Ends the calls that it has made with `error`, takes no more of them, and closes the connection. */
  expel(error: Error): void;
}

/** Why a call may not be made. */
export interface Refusal {
  readonly error: Error;
  /** How long the answer is kept back, in milliseconds. */
  readonly delayMs: number;
}

/** The address without the port: what a peer cannot change by connecting again. */
export function hostOf({ address }: Peer): string {
  return hostOfAddress(address);
}

/** The same of an address. */
export function hostOfAddress(address: string): string {
  return address.replace(/:\d+$/, "");
}
