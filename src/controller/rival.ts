/** Notices another exporter with the same name on another host. @module */

/** A stream that the controller keeps ending. */
export interface DisplacedStream {
  /** The stream, by its published name: `Listen`. */
  readonly method: string;
  readonly endpoint: string;
  readonly identity: { readonly namespace: string; readonly name: string };
}

/**
 * A restart of the controller ends a stream once. After FIRST ends there is a rival; the warning
 * is repeated after REPEAT more, which is about every five minutes, as the waits have grown.
 */
const FIRST = 3, REPEAT = 30;

/**
 * The warning when a controller has ended a stream `count` times in a row, soon after it was
 * opened and without an error: it does so with a Listen stream when a later one is opened for
 * the same lease.
 *
 * @returns undefined if no warning is due.
 */
export function rivalWarning(displaced: DisplacedStream, count: number): string | undefined {
  if (count !== FIRST && count % REPEAT !== 0) return undefined;
  const { method, endpoint, identity: { namespace, name } } = displaced;
  return `controller ${endpoint}: it has ended ${method} ${count} times in a row soon after it was ` +
    "opened, as it does where another exporter opens it as well: somebody else uses the name " +
    `${namespace}/${name}; find the other one, on another host or in another container, and ` +
    "stop it or give it a name and a token of its own";
}

/** Makes an `onEarlyEnd` of `stayOpen` that warns of a rival. */
export function rivalWatch(
  displaced: DisplacedStream,
  log: { warning(message: string): void },
): (count: number) => void {
  return (count) => {
    const warning = rivalWarning(displaced, count);
    if (warning) log.warning(warning);
  };
}
