/** Somebody else who uses an exporter's name, on another host. @module */

/** What a controller has ended again and again. */
export interface Displaced {
  /** The stream, by its published name: `Listen`. */
  readonly method: string;
  readonly endpoint: string;
  readonly identity: { readonly namespace: string; readonly name: string };
}

/**
 * A controller that is restarted ends a stream once. After so many ends there is somebody
 * else, who is spoken of again about every five minutes, as the waits have grown by then.
 */
const FIRST = 3, REPEAT = 30;

/**
 * What to say when a controller has ended a stream `count` times in a row, soon after it was
 * opened and without an error: it does so with a Listen stream where there is a later one of the
 * same lease. Undefined where that is nothing new.
 */
export function rivalWarning(displaced: Displaced, count: number): string | undefined {
  if (count !== FIRST && count % REPEAT !== 0) return undefined;
  const { method, endpoint, identity: { namespace, name } } = displaced;
  return `controller ${endpoint}: it has ended ${method} ${count} times in a row soon after it was ` +
    "opened, as it does where another exporter opens it as well: somebody else uses the name " +
    `${namespace}/${name}; find the other one, on another host or in another container, and ` +
    "stop it or give it a name and a token of its own";
}

/** For `stayOpen`: warns of a rival, however often the stream is taken away. */
export function rivalWatch(
  displaced: Displaced,
  log: { warning(message: string): void },
): (count: number) => void {
  return (count) => {
    const warning = rivalWarning(displaced, count);
    if (warning) log.warning(warning);
  };
}
