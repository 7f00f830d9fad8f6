/** The settings that only an exporter with a controller needs. @module */
import type { Diagnostic } from "./yaml/diagnostics.ts";
import type { ExporterConfig } from "./exporter_config.ts";

/**
 * Reasons why `config` cannot be registered with a controller; empty if it can. An exporter
 * that only listens (`--tls-grpc-listener`) needs none of these settings.
 */
export function requireController(config: ExporterConfig): Diagnostic[] {
  const { controllerProblems: wrong = [] } = config;
  const missing = missingKeys(config).filter(({ path }) =>
    wrong.every((problem) => problem.path !== path)
  );
  return [...wrong, ...wrongNames(config), ...missing];
}

/**
 * A warning if `config` names a controller and lacks a token: an exporter that only listens starts
 * with it, and the environment of a service may set JMP_TOKEN.
 */
export function missingToken(config: ExporterConfig): Diagnostic[] {
  const { endpoint, controllerProblems = [] } = config;
  if (!endpoint || controllerProblems.length > 0) return [];
  return missingKeys(config).filter(({ path }) => path === "token")
    .map((problem) => ({ ...problem, severity: "warning" }));
}

function wrongNames({ file, metadata, locate }: ExporterConfig): Diagnostic[] {
  const names = [["namespace", "JMP_NAMESPACE"], ["name", "JMP_NAME"]] as const;
  return names.flatMap(([key, env]) => {
    const problem = nameProblem(metadata[key] ?? "");
    if (problem === undefined) return [];
    const path = ["metadata", key];
    const message = `${problem}; correct '${path.join(".")}' or ${env}`;
    return [controllerError({ file, ...locate(path), path: path.join("."), message })];
  });
}

/** Longest name in characters, the limit of Kubernetes. */
const MAX_NAME = 253;

/** Names are sent in HTTP headers, so they must be printable ASCII. */
function nameProblem(name: string): string | undefined {
  if (name.length > MAX_NAME) {
    return `expected a name of at most ${MAX_NAME} characters, found ${name.length}`;
  }
  return /^[\x21-\x7e]*$/.test(name)
    ? undefined
    : `expected a name of ASCII letters and digits, found ${JSON.stringify(name)}`;
}

function missingKeys(config: ExporterConfig): Diagnostic[] {
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
  return missing.map(([path, env, what]) =>
    controllerError({
      file: config.file,
      ...config.locate(path),
      path: path.join("."),
      message: `expected ${what}, found nothing; add '${path.join(".")}' or set ${env}`,
    })
  );
}

function controllerError(what: Omit<Diagnostic, "severity" | "scope">): Diagnostic {
  return { severity: "error", scope: "controller", ...what };
}
