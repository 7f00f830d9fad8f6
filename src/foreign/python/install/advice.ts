/** What to do when pip fails. @module */

/** By what pip, or a compiler that it started, says. */
const ADVICE: readonly (readonly [RegExp, string])[] = [
  [
    /NewConnectionError|NameResolutionError|Temporary failure in name resolution|ProxyError|timed out|Connection refused|Network is unreachable|SSLError|Max retries/,
    "pip cannot reach the index; see --proxy, --index-url, and --wheels for a host without network",
  ],
  [
    /No matching distribution|Could not find a version/,
    "the index has no such package or version, or none for this version of Python, or pip cannot " +
    "reach it; see --version, --index-url, --proxy and --wheels",
  ],
  [
    /Python\.h|command '.*(?:gcc|cc)'|Unable to find.*compiler|error: command .* failed/,
    "there is no wheel for this host, and compiling needs tools; on Debian: " +
    "apt install build-essential python3-dev",
  ],
  [/No space left on device/, "the disk is full"],
  [
    /externally-managed-environment/,
    "this interpreter belongs to the system; use a virtual environment: unset JMP_PYTHON, or see " +
    "--target",
  ],
  [/Permission denied/, "this user may not write there; run it as root, or see --target"],
  [/conflicting dependencies|ResolutionImpossible/, "the packages exclude each other"],
];

/** The advice for the lines of a failed program; undefined if there is none. */
export function adviceFor(lines: readonly string[]): string | undefined {
  const text = lines.join("\n");
  return ADVICE.find(([pattern]) => pattern.test(text))?.[1];
}
