/** The environment of the benchmark's processes. @module */

/** Our environment with `extra`, without what configures the user's clients or exporters. */
export function environment(extra: Readonly<Record<string, string>>): Record<string, string> {
  const inherited = Object.entries(Deno.env.toObject())
    .filter(([name]) => !/^(_?JMP_|JUMPSTARTER_)/.test(name) || name === "JMP_TEST_BINARY");
  return { ...Object.fromEntries(inherited), NO_COLOR: "1", ...extra };
}
