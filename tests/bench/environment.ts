/** The environment of the benchmark's processes. @module */

/** Ours without what configures a client or exporter of whoever runs this, and with `extra`. */
export function environment(extra: Readonly<Record<string, string>>): Record<string, string> {
  const inherited = Object.entries(Deno.env.toObject())
    .filter(([name]) => !/^(_?JMP_|JUMPSTARTER_)/.test(name) || name === "JMP_TEST_BINARY");
  return { ...Object.fromEntries(inherited), NO_COLOR: "1", ...extra };
}
