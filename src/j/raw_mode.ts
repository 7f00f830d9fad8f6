/** Raw mode of the terminal at standard input. @module */
import { Termios } from "../libc/termios.ts";

const STDIN = 0;
/** Events that may end the process without disposing scopes. */
const ENDS = ["unload", "error", "unhandledrejection"];

/**
 * Passes every key on as a byte, Ctrl-C as well, and shows bytes as they come, until disposed. The
 * settings are restored when the process ends earlier, too, and set again when it was stopped.
 *
 * @throws {SystemError} ENOTTY where standard input is not a terminal
 */
export function rawMode(): Disposable {
  const original = Termios.of(STDIN);
  const raw = Termios.of(STDIN);
  raw.makeRaw();
  const restore = () => ignoringHangup(() => original.apply(STDIN));
  const resume = () => ignoringHangup(() => raw.apply(STDIN));
  const scope = new DisposableStack();
  for (const end of ENDS) {
    globalThis.addEventListener(end, restore);
    scope.defer(() => globalThis.removeEventListener(end, restore));
  }
  Deno.addSignalListener("SIGCONT", resume);
  scope.defer(() => Deno.removeSignalListener("SIGCONT", resume));
  scope.defer(restore);
  raw.apply(STDIN);
  return scope;
}

/** A terminal that is gone needs no settings. */
function ignoringHangup(apply: () => void): void {
  try {
    apply();
  } catch {
    // EIO, or EBADF.
  }
}
