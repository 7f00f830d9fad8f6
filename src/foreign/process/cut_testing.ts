/** A way to a Unix socket that a test can cut, as when the process behind it is killed. @module */

/** Where to connect instead of the socket. */
export interface CuttableWay {
  readonly path: string;
  /** Ends all connections, and accepts no more. */
  cut(): void;
}

/** Passes connections on to the socket at `target`. */
export function cuttableWay(target: string): CuttableWay {
  const path = `${target}.way`;
  const listener = Deno.listen({ transport: "unix", path });
  const open = new Set<Deno.UnixConn>();
  const accept = async () => {
    for await (const near of listener) {
      const far = await Deno.connect({ transport: "unix", path: target });
      open.add(near).add(far);
      near.readable.pipeTo(far.writable).catch(() => {});
      far.readable.pipeTo(near.writable).catch(() => {});
    }
  };
  accept().catch(() => {});
  return {
    path,
    cut() {
      try {
        listener.close();
      } catch {
        // It was cut before.
      }
      for (const conn of open) {
        try {
          conn.close();
        } catch {
          // It has ended by itself.
        }
      }
    },
  };
}
