/** The fields of a file, with the environment's overrides and the defaults applied. @module */
import { basename } from "node:path";
import { keepSecret } from "../text/secrets.ts";
import { periodProblem, tokenClaims } from "../text/token_claims.ts";
import type { Findings } from "./yaml/diagnostics.ts";
import { checkEndpoint } from "./schema/endpoint.ts";
import type { Fields, HookFields } from "./schema/fields.ts";
import type { Env } from "./folders.ts";
import type { ExporterConfig, HookConfig, TlsConfig } from "./exporter_config.ts";
import { tokenFiles } from "./credentials.ts";
import { bundleProblem } from "./schema/certificates.ts";
import { tokenProblem } from "./schema/token.ts";

/** An exporter config without its drivers. */
export type Settings = Omit<ExporterConfig, "export" | "tree" | "locate">;

/** Official defaults: five failures within a minute. */
const MAX_RAPID_FAILURES = 5;
const RAPID_FAILURE_WINDOW_SECONDS = 60;

/** Gives every field its value, and reports to `findings` what the schema cannot check. */
export function resolveSettings(
  fields: Fields,
  file: string,
  env: Env,
  findings: Findings,
): Settings {
  const metadata = readMetadata(fields, env);
  const endpoint = readEndpoint(fields, env, findings);
  const token = inlineToken(fields, env, findings);
  return {
    file,
    apiVersion: fields.apiVersion,
    kind: fields.kind,
    metadata,
    identity: {
      namespace: metadata.namespace ?? "default",
      name: metadata.name ?? basename(file).replace(/\.ya?ml$/, ""),
    },
    ...(endpoint && { endpoint }),
    tls: readTls(fields, env, findings),
    ...(token && { token }),
    tokenFiles: fields.tokenFile ? tokenFiles(fields.tokenFile, file, env) : [],
    ...(fields.description && { description: fields.description }),
    ...(fields.motd && { motd: fields.motd }),
    ...(fields.python && { python: fields.python }),
    hooks: readHooks(fields, findings),
    failureDetection: {
      maxRapidFailures: fields.failureDetection.maxRapidFailures ??
        fields.failureDetection.max_rapid_failures ?? MAX_RAPID_FAILURES,
      rapidFailureWindowSeconds: fields.failureDetection.rapidFailureWindow ??
        fields.failureDetection.rapid_failure_window ?? RAPID_FAILURE_WINDOW_SECONDS,
    },
    exitOnLeaseEnd: fields.exitOnLeaseEnd,
    channelOptions: { ...fields.grpcConfig, ...fields.grpcOptions },
  };
}

function readMetadata({ metadata }: Fields, env: Env): Settings["metadata"] {
  const namespace = metadata?.namespace || env.JMP_NAMESPACE;
  const name = metadata?.name || env.JMP_NAME;
  return { ...(namespace && { namespace }), ...(name && { name }) };
}

function readEndpoint(fields: Fields, env: Env, findings: Findings): string | undefined {
  if (!env.JMP_ENDPOINT) return fields.endpoint ?? undefined;
  const checked = checkEndpoint(env.JMP_ENDPOINT);
  if ("endpoint" in checked) return checked.endpoint;
  findings.within("controller").error(["endpoint"], `JMP_ENDPOINT: ${checked.problem}`, "key");
  return undefined;
}

function readTls({ tls: { ca, insecure } }: Fields, env: Env, findings: Findings): TlsConfig {
  // The controller may present another certificate, or the clock be wrong: the exporter starts.
  const problem = ca && bundleProblem(ca);
  if (problem) findings.warning(["tls", "ca"], problem);
  const fromEnv = [env.JMP_GRPC_INSECURE, env.JUMPSTARTER_GRPC_INSECURE].includes("1");
  return { ...(ca && { ca }), insecure: insecure || fromEnv };
}

function inlineToken(fields: Fields, env: Env, findings: Findings): string | undefined {
  const token = env.JMP_TOKEN?.trim();
  if (fields.token) keepSecret(fields.token);
  if (!token) {
    warnOfPeriod(fields.token ?? "", findings);
    return fields.token || undefined;
  }
  const problem = tokenProblem(token);
  if (problem) findings.within("controller").error(["token"], `JMP_TOKEN: ${problem}`, "key");
  keepSecret(token);
  return token;
}

/** The clock may be wrong, and the controller decides: the exporter starts. */
function warnOfPeriod(token: string, findings: Findings): void {
  const claims = tokenClaims(token);
  const problem = claims && periodProblem(claims, Date.now());
  if (!problem) return;
  const remedy = "have a new token issued, or set the clock if it is wrong";
  findings.warning(["token"], `expected a token that is valid: ${problem}; ${remedy}`);
}

function readHooks({ hooks }: Fields, findings: Findings): Settings["hooks"] {
  for (const [camel, snake] of SPELLINGS) {
    if (!hooks[camel] || !hooks[snake]) continue;
    const message =
      `expected '${camel}' or '${snake}', found both; '${camel}' is used: remove this`;
    findings.warning(["hooks", snake], message, "key");
  }
  for (const spelling of SPELLINGS.flat()) {
    if ((hooks[spelling]?.timeout ?? 1) > 0) continue;
    const message = "expected a number of seconds, found none, so the hook fails at once; " +
      "write a number of more than 0";
    findings.warning(["hooks", spelling, "timeout"], message);
  }
  const beforeLease = readHook(hooks.beforeLease ?? hooks.before_lease);
  const afterLease = readHook(hooks.afterLease ?? hooks.after_lease);
  return { ...(beforeLease && { beforeLease }), ...(afterLease && { afterLease }) };
}

const SPELLINGS = [["beforeLease", "before_lease"], ["afterLease", "after_lease"]] as const;

function readHook(hook: HookFields | null | undefined): HookConfig | undefined {
  return hook
    ? {
      script: hook.script,
      ...(hook.exec && { exec: hook.exec }),
      timeoutSeconds: hook.timeout,
      onFailure: hook.onFailure ?? hook.on_failure ?? "warn",
    }
    : undefined;
}
