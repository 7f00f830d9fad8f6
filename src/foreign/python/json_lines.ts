/** JSON lines between the exporter and Python processes. @module */

/** Longest line in bytes: the report of an exporter with thousands of drivers fits. */
const MAX_LINE = 16 * 1024 * 1024;

/**
 * Calls `onMessage` for each line until the end.
 *
 * @throws {Error} for a line that is too long or no JSON, and what reading throws.
 */
export async function eachMessage(
  readable: ReadableStream<Uint8Array>,
  onMessage: (message: never) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  let rest: string[] = [];
  let length = 0;
  for await (const chunk of readable) {
    const [first, ...others] = decoder.decode(chunk, { stream: true }).split("\n");
    rest.push(first!);
    length += first!.length;
    if (length > MAX_LINE) throw new Error(`expected lines of at most ${MAX_LINE} bytes`);
    for (const other of others) {
      onMessage(JSON.parse(rest.join("")) as never);
      rest = [other];
      length = other.length;
    }
  }
}

/** A message as a line. */
export function messageLine(message: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${JSON.stringify(message)}\n`);
}
