/** The output of a child, line by line. @module */

/** Length in characters at which an unfinished line, such as a progress bar, is passed on. */
const MAX_LINE = 8 * 1024;

/** Calls `onLine` with each line of `output` that is not empty, without its line break. */
export async function eachLine(
  output: AsyncIterable<Uint8Array>,
  onLine: (line: string) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  const say = (line: string) => {
    // A carriage return, as between the states of a progress bar, would overwrite the log line.
    const text = line.trimEnd().replace(/\r+/g, " ");
    if (text !== "") onLine(text);
  };
  for await (const chunk of output) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop()!;
    lines.forEach(say);
    if (rest.length > MAX_LINE) {
      say(rest);
      rest = "";
    }
  }
  say(rest + decoder.decode());
}
