/** Credentials in a config that are out of their time. */
import assert from "node:assert/strict";
import { certificates } from "../../tests/controller/tls.ts";
import { createRegistry } from "../driver/manifest.ts";
import { parseConfig } from "./parse.ts";
import { formatDiagnostic } from "./yaml/diagnostics.ts";

Deno.test("parseConfig() warns of an expired token and an expired tls.ca, and starts", async () => {
  const { expired } = await certificates();
  const part = (value: unknown) => btoa(JSON.stringify(value)).replace(/=+$/, "");
  const token = `${part({ alg: "ES256" })}.${part({ exp: 1_700_000_000 })}.c2ln`;
  const text = `apiVersion: jumpstarter.dev/v1alpha1
kind: ExporterConfig
metadata: { namespace: lab, name: one }
endpoint: host:1
token: ${token}
tls:
  ca: ${btoa(expired.certPem)}
export: {}
`;
  const { config, diagnostics } = await parseConfig(text, "one.yaml", {
    registry: createRegistry([]),
    loader: { find: () => Promise.resolve(undefined) },
    env: {},
  });
  assert.ok(config);
  const lines = diagnostics.map(formatDiagnostic).filter((line) => /expired/.test(line));
  assert.match(
    lines[0]!,
    /^one\.yaml:5:8: warning: token: expected a token that is valid: it expired at 2023-11-14T22:13:20Z, and the clock of this host says 20\S+Z; have a new token issued/,
  );
  assert.match(
    lines[1]!,
    /^one\.yaml:7:7: warning: tls\.ca: .* found one that expired at 20\S+Z \(CN=expired\), and the clock/,
  );
  assert.equal(lines.length, 2);
});
