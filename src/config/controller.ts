/** What a config needs for a controller, and only for it. @module */
import type { Diagnostic } from "./diagnostics.ts";
import type { ExporterConfig } from "./schema.ts";

/**
 * What `config` lacks to register with a controller; empty where it has everything. An
 * exporter that only listens (`--tls-grpc-listener`) needs none of it.
 */
export function requireController(config: ExporterConfig): Diagnostic[] {
  const { metadata, endpoint, token, tokenFiles } = config;
  const missing: [path: string[], env: string, what: string][] = [];
  if (!metadata.namespace) {
    missing.push([["metadata", "namespace"], "JMP_NAMESPACE", "the exporter's namespace"]);
  }
  if (!metadata.name) missing.push([["metadata", "name"], "JMP_NAME", "the exporter's name"]);
  if (!endpoint) missing.push([["endpoint"], "JMP_ENDPOINT", "the controller's host:port"]);
  if (!token && tokenFiles.length === 0) {
    missing.push([["token"], "JMP_TOKEN", "the token that the controller issued, or 'tokenFile'"]);
  }
  return missing.map(([path, env, what]) => ({
    severity: "error",
    file: config.file,
    ...config.locate(path),
    path: path.join("."),
    message: `expected ${what}, found nothing; add '${path.join(".")}' or set ${env}`,
  }));
}
