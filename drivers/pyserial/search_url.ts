/** `hwgrep://` URLs. @module */

/** The content of a URL. */
export interface Search {
  readonly url: string;
  /** Searched in device, description and hwid, ignoring case. */
  readonly pattern: RegExp;
  /**
   * Which of the matching ports to use, from 1; undefined means the first, with a warning if there
   * are several.
   */
  readonly nth?: number;
  /** Whether to skip ports that another process has open. */
  readonly skipBusy: boolean;
}

/** Parses a URL. @throws {Error} naming the part that is wrong. */
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
