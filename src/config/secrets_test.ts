/** What is said of a config with mistakes, and what of its secrets is in that. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { createRegistry, defineDriver, z } from "../driver/manifest.ts";
import { hideSecrets } from "../text/secrets.ts";
import { formatDiagnostic } from "./yaml/diagnostics.ts";
import { requireController } from "./controller_requirements.ts";
import { parseConfig, type ParseOptions } from "./parse.ts";

const port = defineDriver({
  type: "test.Port",
  client: "test.client.Port",
  config: z.strictObject({
    password: z.string(),
    api_key: z.int().optional(),
    login: z.strictObject({ token: z.string() }).optional(),
  }),
  open: () => ({}),
});

const options: ParseOptions = {
  registry: createRegistry([port]),
  loader: { find: () => Promise.resolve(undefined) },
  env: {},
};

/** All of its secrets consist of these letters, which nothing else does. */
const SECRET = "QZXJQZXJQZXJ";
const config = `apiVersion: jumpstarter.dev/v1alpha1
kind: ExporterConfig
metadata: {namespace: d, name: n}
endpoint: grpc.example.com:443
token: ${SECRET}
export:
  port:
    type: test.Port
    config:
      password: "${SECRET}"
      login: {token: '${SECRET}'}
`;

async function said(text: string, more: Partial<ParseOptions> = {}): Promise<string> {
  const { diagnostics } = await parseConfig(text, "f.yaml", { ...options, ...more });
  return diagnostics.map(formatDiagnostic).join("\n");
}

/** Where something may go wrong: anywhere but in the keys, without which nothing is secret. */
const places = Array.from(config.matchAll(/(?<=token|password).*\n|^ {2}.*:$|^export:/gm))
  .flatMap(({ 0: text, index }) => Array.from(text, (_, offset) => index + offset));

const edits = fc.uniqueArray(
  fc.record({
    at: fc.constantFrom(...places),
    removed: fc.nat(3),
    put: fc.constantFrom("", "\n", " ", "\t", ..."{[]}:,'\"&*!%\\|>#@?-", ": ", "- ", " #"),
  }),
  { minLength: 1, maxLength: 1, selector: ({ at }) => at },
).map((edits) => edits.sort((a, b) => b.at - a.at));

/** An edit may have eaten the name of a secret after all. */
const NAMES = /^token(?!\w)[^]*^ +password(?!\w)[^]*[{,]\s*token(?!\w)/m;

Deno.test("parseConfig() shows no secrets in diagnostics of randomly edited configs", async () => {
  await fc.assert(
    fc.asyncProperty(edits, async (made) => {
      const text = made.reduce(
        (text, { at, removed, put }) => text.slice(0, at) + put + text.slice(at + removed),
        config,
      );
      fc.pre(NAMES.test(text));
      const shown = await said(text);
      assert.doesNotMatch(shown, /[QZXJ]{6}/, `${text}\n=> ${shown}`);
    }),
    { numRuns: 3_000 },
  );
});

Deno.test("parseConfig() does not show a secret whose value is wrong", async () => {
  const shown = await said(
    config.replace(`"${SECRET}"`, "0123456").replace(`token: '${SECRET}'`, "token: 7654321"),
  );
  assert.match(shown, /config\.password: .*quotes/);
  assert.match(shown, /login\.token: expected text, found a number; put it in quotes/);
  assert.doesNotMatch(shown, /123456|765432/);
  const number = await said(config.replace("login:", "api_key: 0o17\n      login:"));
  assert.doesNotMatch(number, /o17/);
});

Deno.test("parseConfig() registers passwords, so that messages of drivers do not show them", async () => {
  // A secret of its own: random edits register that of the others with what is beside it.
  const secret = "KVWYKVWYKVWY";
  await said(config.replaceAll(SECRET, secret));
  assert.equal(hideSecrets(`login ${secret} failed`), "login [REDACTED] failed");
});

Deno.test("parseConfig() limits the length of values from the environment", async () => {
  const long = "x".repeat(100_000);
  const bad: Record<string, [value: string, found: RegExp][]> = {
    JMP_ENDPOINT: [
      [long, /JMP_ENDPOINT: expected host:port, found 100000 characters/],
      [`h:1/${long}`, /found the path '\/x{79}…'/],
      [`${long}://h:1`, /JMP_ENDPOINT: expected host:port/],
    ],
    JMP_TOKEN: [
      [long, /JMP_TOKEN: expected a token of at most 16384 characters, found 100000/],
      [`a\nb${SECRET}`, /JMP_TOKEN: expected one word of ASCII/],
    ],
  };
  for (const [name, values] of Object.entries(bad)) {
    for (const [value, found] of values) {
      const shown = await said("kind: ExporterConfig\n", { env: { [name]: value } });
      assert.match(shown, found);
      assert.ok(shown.length < 500 && !shown.includes(SECRET));
    }
  }
  const names: [value: string, found: RegExp][] = [
    [long, /expected a name of at most 253 characters, found 100000; correct .* or JMP_NAME$/m],
    ["a\nb", /expected a name of ASCII letters and digits, found "a\\nb"; correct/],
  ];
  for (const [value, found] of names) {
    const env = { JMP_NAME: value, JMP_NAMESPACE: "d", JMP_TOKEN: "t", JMP_ENDPOINT: "h:1" };
    const read = await parseConfig("kind: ExporterConfig\n", "f.yaml", { ...options, env });
    assert.match(requireController(read.config!).map(formatDiagnostic).join("\n"), found);
  }
});
