/** `hwgrep://` URLs. @module */

/** What a url asks for. */
export interface Search {
  readonly url: string;
  /** Looked for in device, description and hwid, without regard to case. */
  readonly pattern: RegExp;
  /** Which of the ports that match, from 1; undefined means the first, whichever that is. */
  readonly nth?: number;
  /** Passes over ports that another process has open. */
  readonly skipBusy: boolean;
}

/** @throws {Error} that says what is expected of such a url. */
export function parseSearch(url: string): Search {
  const [source = "", ...options] = url.replace(/^hwgrep:\/\//i, "").split("&");
  let nth: number | undefined;
  let skipBusy = false;
  for (const option of options) {
    const [name, value] = option.split("=");
    if (name === "skip_busy") skipBusy = true;
    else if (name === "n" && /^[1-9]\d*$/.test(value ?? "")) nth = Number(value);
    else throw new Error(`expected 'n=1' (or a higher number) or 'skip_busy', found '${option}'`);
  }
  return { url, pattern: compile(source), skipBusy, ...(nth !== undefined && { nth }) };
}

function compile(source: string): RegExp {
  if (source === "") throw new Error("expected a pattern after hwgrep://, found nothing");
  try {
    return new RegExp(source, "i");
  } catch (error) {
    throw new Error(
      `expected a regular expression, found '${source}' (${(error as Error).message})`,
    );
  }
}
